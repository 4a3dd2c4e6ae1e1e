"""Mirrors rqbench/cli/import_.py."""

import io
import json
import os

import numpy as np
import pytest
import torch
from torch import nn

FIRST = "first_stage_model."


def test_a_system_is_imported_and_shown(rqbench, published, tmp_path):
    state = published.tokenizer_state(FIRST) | published.prior_state()
    path = published.save(tmp_path / "run" / "checkpoints" / "last.ckpt", {"state_dict": state})
    ended = rqbench("import", path.parents[1], "--out", tmp_path / "out")
    assert ended.status == 0, ended.err
    assert "reading last.ckpt (0.1 MB)\nchecking the tokenizer and the prior\nwriting" in ended.err
    for said in (
        "tokenizer: vq", "prior: raster", "fake (importer fake-prior)", "4x4x1, k=8 at 16 px",
        "1 of the losses: first_stage_model.loss.weight", "It is a fake.", f"-> {tmp_path / 'out'}",
    ):  # fmt: skip
        assert said in ended.out, ended.out
    assert (tmp_path / "out" / "system.json").is_file()


def test_the_result_is_there_for_machines(rqbench, published, tmp_path):
    path = published.save(tmp_path / "vq" / "model.ckpt", published.tokenizer_state())
    ended = rqbench(
        "import", path, "--out", tmp_path / "out", "--json", "--set", "commitment_weight=0.5"
    )
    told = json.loads(ended.out)
    assert (told["folder"], told["kind"]) == (str(tmp_path / "out"), "tokenizer")
    assert told["models"]["tokenizer"]["type"] == "vq"


def test_every_option_reaches_the_import(rqbench, published, tmp_path):
    held = {
        "state_dict": published.tokenizer_state(), "ema": published.tokenizer_state(seed=1),
        "callbacks": nn.Identity(),
    }  # fmt: skip
    path = published.save(tmp_path / "vq" / "model.ckpt", held, side=None)
    (tmp_path / "mine.yaml").write_text("side: 32")
    common = ("import", path, "--config", tmp_path / "mine.yaml", "--out")
    assert rqbench(*common, tmp_path / "out").status == 2
    ended = rqbench(*common, tmp_path / "vq-model", "--trust", "--no-ema", "--json")
    told = json.loads(ended.out)["models"]["tokenizer"]
    assert told["source"]["taken"] == "state_dict"
    assert told["source"]["config"]["name"] == "mine.yaml"
    assert told["code_shape"] == "8x8x1, k=8 at 32 px"
    prior = published.save(tmp_path / "gpt" / "model.pt", published.prior_state(side=32), side=32)
    given = ("--tokenizer", tmp_path / "vq-model", "--json")
    told = json.loads(rqbench("import", prior, "--out", tmp_path / "both", *given).out)
    assert told["kind"] == "system"


class Runs:
    """Writes a folder into the working directory when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("traces",)


def saved(held, **settings):
    into = io.BytesIO()
    torch.save(held, into, **settings)
    return into.getvalue()


def npz():
    into = io.BytesIO()
    np.savez(into, np.zeros(2))
    return into.getvalue()


STATE = {"state_dict": {"conv.weight": torch.ones(30, 20)}}
BAD = {
    "an empty file": (b"", "is empty"),
    "a log-in page": (b"<!doctype html><title>Log in</title>", "an HTML page"),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\n", "a pointer of Git LFS"),
    "an answer": (b'{"error": "quota"}', "it is JSON"),
    "a packed archive": (b"\x1f\x8b\x08", "it is packed"),
    "a download that stopped": (saved(STATE)[:-100], "is cut short or damaged"),
    "an old one that stopped": (
        saved(STATE, _use_new_zipfile_serialization=False)[:-5], "is cut short or damaged",
    ),
    "arrays": (npz(), "an NPZ file of NumPy arrays"),
    "a list": (saved([1, 2]), "holds an object of the type builtins.list"),
    "a tensor": (saved(torch.ones(2)), "holds a lone tensor"),
    "a whole model": (saved(nn.Linear(2, 3)), "torch.nn.modules.linear.Linear"),
    "a virus": (saved(STATE | {"callbacks": Runs()}), "mkdir. Loading them runs code"),
    "another model": (saved(STATE), "No importer knows the model in model.ckpt"),
    "two state dicts": (saved({"a": STATE, "b": STATE}), "several state dicts"),
    "no weights": (saved({"epoch": 3}), "holds no tensors by name"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_checkpoint_ends_with_2_and_one_line_and_nothing_is_written(
    rqbench, published, tmp_path, monkeypatch, name
):
    content, said = BAD[name]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.ckpt").write_bytes(content)
    ended = rqbench("import", "model.ckpt", "--out", "out")
    errors = [line for line in ended.err.splitlines() if not line.startswith("reading")]
    assert (ended.status, ended.out, len(errors)) == (2, "", 1)
    assert errors[0].startswith("error ")
    assert said in errors[0]
    assert [file.name for file in tmp_path.iterdir()] == ["model.ckpt"]


def test_a_place_that_is_taken_and_a_path_without_a_file_end_with_2(rqbench, tmp_path):
    (tmp_path / "there").touch()
    ended = rqbench("import", tmp_path / "there", "--out", tmp_path)
    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert "is not empty. Choose another folder with --out." in ended.err
    ended = rqbench("import", tmp_path / "gone", "--out", tmp_path / "out")
    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert "Name a checkpoint or its folder" in ended.err
