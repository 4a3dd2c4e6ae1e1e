"""Mirrors rqbench/evaluate/subject.py."""

import json

import pytest

from rqbench.errors import ConfigError, DamagedFileError, UnsupportedError
from rqbench.evaluate import load_subject
from rqbench.files import sha256_of


def test_a_model_folder_is_a_tokenizer_alone(imported):
    found = load_subject(imported / "tokenizer")
    assert (found.name, found.resolution, found.prior) == ("tokenizer", 16, None)
    assert found.weights_sha256 == {
        "tokenizer": sha256_of(imported / "tokenizer" / "model.safetensors")
    }


def test_an_imported_system_comes_with_its_prior(imported):
    found = load_subject(imported)
    assert (found.name, found.prior_name, found.resolution) == ("zoo", "raster", 16)
    assert found.prior is not None
    assert found.weights_sha256.keys() == {"tokenizer", "prior"}


def test_a_run_gives_the_one_that_is_named(finished):
    alone = load_subject(finished.run, tokenizer="rq-4x4x4")
    assert (alone.name, alone.prior, alone.resolution) == ("rq-4x4x4", None, 32)
    system = load_subject(finished.run, system="vq-4x4 + raster")
    assert (system.name, system.prior_name) == ("vq-4x4", "raster")


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({}, "has 2 tokenizers; name one with --tokenizer: .*rq-4x4x4.*--system: .*vq-4x4 \\+ ras"),
        ({"tokenizer": "vq-4x"}, "no trained tokenizer 'vq-4x'. Did you mean 'vq-4x4'"),
        ({"tokenizer": "vq-4x4", "system": "x"}, "Leave one out"),
        ({"system": "x"}, "no complete system 'x'"),
    ],
)
def test_a_run_of_several_is_asked_which(finished, named, said):
    with pytest.raises(ConfigError, match=said):
        load_subject(finished.run, **named)


def test_of_a_run_with_one_tokenizer_no_name_is_needed(run_copy):
    index = json.loads((run_copy / "index.json").read_text())
    index |= {"tokenizers": ["vq-4x4"], "models": {}}
    (run_copy / "index.json").write_text(json.dumps(index))
    assert load_subject(run_copy).name == "vq-4x4"


def test_what_holds_no_tokenizer_is_refused(imported, tmp_path):
    with pytest.raises(UnsupportedError, match="holds a prior, which reads codes and no images"):
        load_subject(imported / "prior")
    with pytest.raises(ConfigError, match=r"choose from a run, and .* is a model"):
        load_subject(imported, system="x")
    with pytest.raises(ConfigError, match="holds no models: it is no finished run"):
        load_subject(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="holds no models: it is no finished run"):
        load_subject(tmp_path / "file")
    (tmp_path / "model.json").write_text("{")
    with pytest.raises(DamagedFileError, match="does not describe a model"):
        load_subject(tmp_path)
