"""Mirrors rqbench/sample/system.py."""

import json
import shutil

import pytest
import torch

from rqbench.choice import Sampling
from rqbench.errors import ConfigError, DamagedFileError
from rqbench.files import sha256_of
from rqbench.models import save_model
from rqbench.plugins import find
from rqbench.sample import SystemEntry, load_system, write_system
from rqbench.sample.system import read_entry


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


def test_a_folder_without_models_says_what_makes_some(tmp_path):
    with pytest.raises(ConfigError, match="`rqbench compare` makes the first, `rqbench import`"):
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


def test_an_imported_system_is_loaded_from_its_folder(imported):
    found = load_system(imported)
    assert found.name == "zoo"
    assert found.class_names == ("0", "1", "2")
    assert (found.entry.seed, found.entry.crops, found.entry.data) == (0, 0, None)
    assert found.weights_sha256["prior"] == sha256_of(imported / "prior" / "model.safetensors")
    with pytest.raises(ConfigError, match="is one system, and --system chooses among those"):
        load_system(imported, "zoo")


def test_an_entry_comes_back_as_it_was_written(tmp_path):
    entry = SystemEntry(
        tokenizer="tokenizer", prior="prior", class_names=("cat",), batch=4,
        sampling=Sampling(top_k=(5, 2), temperature=0.9),
    )  # fmt: skip
    write_system(tmp_path, entry)
    assert read_entry(tmp_path) == entry
    (tmp_path / "system.json").write_text("[1]")
    with pytest.raises(DamagedFileError, match="describes no system"):
        read_entry(tmp_path)


def test_a_prior_alone_goes_with_a_given_tokenizer(imported, tmp_path):
    whole = load_system(imported)
    for tokenizer in (imported / "tokenizer", imported):
        found = load_system(imported / "prior", tokenizer=tokenizer)
        codes = found.prior.sample(2, 0, None, torch.tensor([[0], [1]]))
        with torch.no_grad():
            same = whole.tokenizer.decode(codes)
            assert torch.equal(found.tokenizer.decode(codes), same)
    with pytest.raises(ConfigError, match=r"drawing images needs two: .* as --tokenizer"):
        load_system(imported / "prior")
    with pytest.raises(ConfigError, match="holds a tokenizer; a prior is needed here"):
        load_system(imported / "tokenizer", tokenizer=imported / "tokenizer")
    with pytest.raises(ConfigError, match="no model folder of a prior, the one thing"):
        load_system(imported, tokenizer=imported / "tokenizer")


def test_a_prior_alone_is_drawn_from_as_was_published(imported, tmp_path):
    shutil.copytree(imported / "prior", tmp_path / "prior")
    origin = {"sampling": {"top_k": 2, "temperature": 0.5}}
    (tmp_path / "prior" / "origin.json").write_text(json.dumps(origin))
    found = load_system(tmp_path / "prior", tokenizer=imported)
    assert found.sampling == Sampling(top_k=2, temperature=0.5)
    for damaged in ("{", "[]", '{"sampling": 3}'):
        (tmp_path / "prior" / "origin.json").write_text(damaged)
        with pytest.raises(DamagedFileError, match=r"origin\.json tells no sampling\. Import"):
            load_system(tmp_path / "prior", tokenizer=imported)


def test_an_imported_tokenizer_given_for_the_prior_is_told(imported, tmp_path):
    shutil.copytree(imported / "tokenizer", tmp_path / "tokenizer")
    (tmp_path / "tokenizer" / "origin.json").write_text('{"sampling": null}')
    with pytest.raises(ConfigError, match="holds a tokenizer; a prior is needed here"):
        load_system(tmp_path / "tokenizer", tokenizer=imported)


def test_a_replaced_part_is_refused(imported, tmp_path):
    """Of another layout, of other vectors, or with other classes than are named."""
    copy = tmp_path / "copy"
    shutil.copytree(imported, copy)
    torch.manual_seed(1)
    save_model(copy / "tokenizer", "tokenizer", "vq", find("tokenizer", "vq").load().tiny())
    with pytest.raises(ConfigError, match="'copy': the codes of this tokenizer name other vectors"):
        load_system(copy)
    save_model(copy / "tokenizer", "tokenizer", "rq", find("tokenizer", "rq").load().tiny())
    with pytest.raises(ConfigError, match="the prior models codes of 4x4x1, k=8, and those"):
        load_system(copy)
    named = SystemEntry(tokenizer="tokenizer", prior="prior", class_names=("a", "b"))
    write_system(imported_again := tmp_path / "named", named)
    for part in ("tokenizer", "prior"):
        shutil.copytree(imported / part, imported_again / part)
    with pytest.raises(ConfigError, match="names 2 classes, and its prior has 3 classes"):
        load_system(imported_again)
