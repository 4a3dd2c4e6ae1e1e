"""Mirrors rqbench/importing/import_model.py, with source.py, part.py, beside.py and origin.py:
what an import writes. What it refuses stands in test_import_refusals.py."""

import json
import shutil

import pytest
import torch

from rqbench.errors import CheckpointError, ConfigError
from rqbench.importing.import_model import import_model
from rqbench.models import load_model, load_prior, load_tokenizer
from rqbench.sample import load_system

IMAGES = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(1))
FIRST = "first_stage_model."


def origin(folder):
    return json.loads((folder / "origin.json").read_text())


def test_a_tokenizer_becomes_a_model_folder(published, tokenizer_file, tmp_path):
    out = tmp_path / "out"
    said = []
    imported = import_model(tokenizer_file, out, say=said.append)
    assert (imported.folder, imported.is_system) == (out, False)
    assert [line.split()[0] for line in said] == ["reading", "checking", "writing"]
    files = {
        "manifest.json", "model.json", "model.safetensors", "origin.json", "published.yaml",
    }  # fmt: skip
    assert {file.name for file in out.iterdir()} == files
    model = load_tokenizer(out, "cpu")
    published_again = published.FakeTokenizer().keys(model).export(model.state_dict())
    for key, value in published.tokenizer_state().items():
        assert key == "loss.weight" or torch.equal(published_again[key], value)


def test_the_origin_tells_all_but_paths(tokenizer_file, tmp_path):
    import_model(tokenizer_file, tmp_path / "out")
    found = origin(tmp_path / "out")
    assert (found["project"], found["importer"]["name"]) == ("fake", "fake-tokenizer")
    assert found["source"]["file"]["name"] == "model.ckpt"
    assert found["source"]["file"]["size_bytes"] == tokenizer_file.stat().st_size
    assert found["source"]["config"]["name"] == "config.yaml"
    assert found["source"]["taken"] == "state_dict"
    assert found["code_shape"] == "4x4x1, k=8 at 16 px"
    assert found["notes"] == ["It is a fake."]
    assert found["left_out"] == [
        {"reason": "kept by the trainer, and no part of the model", "count": 1,
         "examples": ["epoch"]},
        {"reason": "of the optimizer: rqbench imports models for use", "count": 1,
         "examples": ["optimizer_states"]},
        {"reason": "of the losses", "count": 1, "examples": ["loss.weight"]},
        {"reason": "a ruler", "count": 1, "examples": ["ruler"]},
    ]  # fmt: skip
    model = load_model(tmp_path / "out")
    kept = model.codebook().numel()  # 8 vectors of 8, no padding rows
    assert found["parameters"] == sum(p.numel() for p in model.parameters()) + kept
    assert found["mapped_keys"] == len(model.state_dict())
    assert str(tmp_path) not in (tmp_path / "out" / "origin.json").read_text()


def test_a_prior_with_its_first_stage_becomes_a_system_that_can_be_sampled(pair_file, tmp_path):
    imported = import_model(pair_file, tmp_path / "out")
    assert imported.is_system
    assert list(imported.origins) == ["tokenizer", "prior"]
    system = load_system(tmp_path / "out")
    assert system.class_names == ("0", "1", "2")
    assert system.sampling.top_k == 2
    codes = system.prior.sample(2, 0, system.sampling, torch.tensor([[0], [2]]))
    assert system.tokenizer.decode(codes).shape == (2, 3, 16, 16)
    with pytest.raises(ConfigError, match=r"is a system, of two models\. Load \S*tokenizer or"):
        load_model(tmp_path / "out")
    reasons = {left["reason"] for left in imported.origins["prior"]["left_out"]}
    assert reasons == {"a number of codes", "of the condition"}


def test_an_archive_of_two_stages_becomes_a_system(published, tmp_path):
    published.save(tmp_path / "zoo" / "stage1" / "model.pt", published.tokenizer_state())
    published.save(tmp_path / "zoo" / "stage2" / "model.pt", published.prior_state())
    import_model(tmp_path / "zoo", tmp_path / "out")
    assert load_system(tmp_path / "out").prior.layout.height == 4
    with pytest.raises(CheckpointError, match="two files, each with a config of its own"):
        import_model(tmp_path / "zoo", tmp_path / "x", config=tmp_path / "zoo/stage1/config.yaml")
    published.save(tmp_path / "zoo" / "stage2" / "model.pt", published.tokenizer_state())
    with pytest.raises(CheckpointError, match="both hold a tokenizer"):
        import_model(tmp_path / "zoo", tmp_path / "x")


def test_a_lone_prior_goes_with_a_given_tokenizer_or_alone(
    tokenizer_file, pair_file, prior_file, tmp_path
):
    import_model(tokenizer_file, tmp_path / "vq-model")
    imported = import_model(prior_file, tmp_path / "pair-out", tokenizer=tmp_path / "vq-model")
    assert list(imported.origins) == ["prior"]
    system = load_system(tmp_path / "pair-out")
    told = {"name": "vq-model", "weights_sha256": system.weights_sha256["tokenizer"]}
    assert imported.origins["prior"]["given_tokenizer"] == told
    given = load_tokenizer(tmp_path / "vq-model", "cpu")
    assert torch.equal(system.tokenizer.encode(IMAGES).values, given.encode(IMAGES).values)
    shutil.rmtree(tmp_path / "vq-model")  # the system has a copy
    load_system(tmp_path / "pair-out")
    import_model(pair_file, tmp_path / "other")
    import_model(prior_file, tmp_path / "again", tokenizer=tmp_path / "other")  # that of a system
    load_system(tmp_path / "again")
    assert not import_model(prior_file, tmp_path / "alone").is_system
    load_prior(tmp_path / "alone", "cpu")


def test_a_given_tokenizer_takes_the_place_of_the_first_stage_if_its_vectors_are_equal(
    published, tokenizer_file, pair_file, tmp_path
):
    import_model(tokenizer_file, tmp_path / "equal")
    assert import_model(pair_file, tmp_path / "out", tokenizer=tmp_path / "equal").is_system
    other = published.save(tmp_path / "o" / "model.pt", published.tokenizer_state(seed=1))
    import_model(other, tmp_path / "other")
    with pytest.raises(CheckpointError, match=r"last\.ckpt holds a tokenizer of its own"):
        import_model(pair_file, tmp_path / "x", tokenizer=tmp_path / "other")


def test_a_prior_that_reads_vectors_needs_its_tokenizer(
    published, prior_file, tmp_path, monkeypatch
):
    monkeypatch.setattr(published.FakePrior, "needs_tokenizer", True)
    with pytest.raises(CheckpointError, match=r"reads the vectors of its tokenizer.*--tokenizer"):
        import_model(prior_file, tmp_path / "out")


@pytest.mark.parametrize("changes", [{"size": 9}, {"side": 32}])
def test_a_given_tokenizer_of_another_prior_is_told_with_both_sides(
    published, tokenizer_file, tmp_path, changes
):
    import_model(tokenizer_file, tmp_path / "vq-model")
    side = changes.get("side", published.RESOLUTION)
    prior = published.save(tmp_path / "g" / "gpt.pt", published.prior_state(**changes), side)
    with pytest.raises(
        CheckpointError, match=r"gpt\.pt models codes of .* in \S*vq-model gives 4x"
    ):
        import_model(prior, tmp_path / "out", tokenizer=tmp_path / "vq-model")


def test_a_first_stage_is_for_images_of_the_size_that_its_prior_draws(published, tmp_path):
    state = published.tokenizer_state(FIRST) | published.prior_state(side=32)
    path = published.save(tmp_path / "pair" / "last.ckpt", state, side=32)
    prior_only = {"other": {"side": 32}}
    (tmp_path / "pair" / "config.yaml").write_text(json.dumps(prior_only))
    published.FakeTokenizer.describe = _at_64(published.FakeTokenizer.describe)
    imported = import_model(path, tmp_path / "out")
    note = "The prior draws images of 32 px, and the tokenizer's config says 64."
    assert imported.origins["tokenizer"]["notes"][-1] == note
    load_system(tmp_path / "out")


def _at_64(describe):
    from dataclasses import replace

    return lambda self, *given: replace(describe(self, *given), resolution=64)


def test_settings_change_the_config_of_either_model(tokenizer_file, pair_file, tmp_path):
    import_model(tokenizer_file, tmp_path / "one", settings=["commitment_weight=0.5"])
    assert load_model(tmp_path / "one").config.commitment_weight == 0.5
    import_model(tokenizer_file, tmp_path / "two", settings=["tokenizer.commitment_weight=1"])
    assert load_model(tmp_path / "two").config.commitment_weight == 1
    settings = ["tokenizer.commitment_weight=2", "prior.dropout=0.5"]
    import_model(pair_file, tmp_path / "both", settings=settings)
    assert load_model(tmp_path / "both" / "tokenizer").config.commitment_weight == 2
    assert load_model(tmp_path / "both" / "prior").config.dropout == 0.5
    with pytest.raises(ConfigError, match=r"commitment_weigth: no such key\. Did you mean"):
        import_model(tokenizer_file, tmp_path / "x", settings=["commitment_weigth=1"])
    with pytest.raises(ConfigError, match=r"Begin the key with tokenizer\. or prior\."):
        import_model(pair_file, tmp_path / "x", settings=["commitment_weight=1"])


def test_averaged_weights_are_taken_by_default(published, tmp_path):
    held = {"state_dict": published.tokenizer_state(), "ema": published.tokenizer_state(seed=1)}
    path = published.save(tmp_path / "vq" / "model.ckpt", held)
    import_model(path, tmp_path / "averaged")
    import_model(path, tmp_path / "raw", ema=False)
    for name, seed in (("averaged", 1), ("raw", 0)):
        book = published.tokenizer_state(seed=seed)["book"]
        assert torch.equal(load_model(tmp_path / name).codebook()[0], book)
    assert origin(tmp_path / "averaged")["source"]["taken"] == "ema"


@pytest.mark.parametrize("name", ["bfloat16", "float16", "float64", "float8_e5m2"])
def test_other_precisions_become_single_with_a_note(published, tmp_path, name):
    half = {
        key: value.to(getattr(torch, name)) if value.is_floating_point() else value
        for key, value in published.tokenizer_state().items()
    }
    path = published.save(tmp_path / "vq" / "model.ckpt", half)
    imported = import_model(path, tmp_path / "out")
    assert all(p.dtype == torch.float32 for p in load_model(tmp_path / "out").parameters())
    assert f"of type {name} became float32" in imported.origins["tokenizer"]["notes"][-1]
