"""Mirrors rqbench/sample/system.py."""

import json

import pytest
import torch

from rqbench.choice import Sampling
from rqbench.errors import ConfigError, DamagedFileError
from rqbench.sample import load_system


def test_a_system_comes_with_all_that_drawing_needs(trained, finished):
    assert trained.name == "rq-4x4x4 + depth-stacked"
    assert trained.sampling == Sampling()
    assert trained.class_names is None
    assert not trained.prior.training
    codes = trained.prior.sample(1, 0, trained.sampling)
    with torch.no_grad():
        assert trained.tokenizer.decode(codes).shape == (1, 3, 32, 32)
    (folder,) = finished.run.glob("stages/prior-rq-4x4x4+depth-stacked-*")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert trained.weights_sha256["prior"] == manifest["files"]["model.safetensors"]


def test_of_one_system_the_name_may_be_left_out(labelled):
    assert labelled.name == "vq-4x4 + raster"
    assert labelled.class_names == ("dark", "light")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (None, "has 2 systems; name one with --system: 'rq-4x4x4 \\+ depth-stacked', 'vq"),
        ("vq-4x4 + rastre", "Did you mean 'vq-4x4 \\+ raster'"),
    ],
)
def test_a_system_that_is_not_there_is_answered_with_those_that_are(finished, name, said):
    with pytest.raises(ConfigError, match=said):
        load_system(finished.run, name)


def test_a_folder_without_a_finished_run_says_how_to_make_one(tmp_path):
    with pytest.raises(ConfigError, match="Run `rqbench compare --out"):
        load_system(tmp_path)


def test_an_index_without_models_says_how_to_mend_it(run_copy):
    index = json.loads((run_copy / "index.json").read_text())
    del index["models"]
    (run_copy / "index.json").write_text(json.dumps(index))
    with pytest.raises(DamagedFileError, match="again; what is complete is kept"):
        load_system(run_copy, "vq-4x4 + raster")


def test_a_run_of_tokenizers_alone_has_nothing_to_draw_from(run_copy):
    index = json.loads((run_copy / "index.json").read_text())
    (run_copy / "index.json").write_text(json.dumps(index | {"models": {}}))
    with pytest.raises(ConfigError, match="no complete system"):
        load_system(run_copy)


def test_damaged_weights_are_named_and_not_used(run_copy):
    (folder,) = run_copy.glob("stages/prior-vq-4x4+raster-*")
    (folder / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(DamagedFileError, match="is not what was written"):
        load_system(run_copy, "vq-4x4 + raster")
