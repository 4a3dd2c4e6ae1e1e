"""Mirrors rqbench/importing/export_model.py."""

import pytest
import torch

from rqbench.errors import ConfigError, UnknownPluginError
from rqbench.importing.export_model import export_model
from rqbench.importing.import_model import import_model
from rqbench.models import save_model
from rqbench.plugins import find

FIRST = "first_stage_model."


def equal(one, two):
    return one.keys() == two.keys() and all(torch.equal(one[key], two[key]) for key in one)


def without(state, *dropped):
    return {key: value for key, value in state.items() if not key.startswith(dropped)}


def test_what_was_imported_is_exported_bit_for_bit(published, tmp_path):
    state = published.tokenizer_state()
    import_model(published.save(tmp_path / "vq" / "model.pt", state), tmp_path / "out")
    assert equal(export_model(tmp_path / "out"), without(state, "loss."))


def test_a_system_of_one_file_has_the_prefixes_of_that_file(published, tmp_path):
    state = published.tokenizer_state(FIRST) | published.prior_state()
    import_model(published.save(tmp_path / "pair" / "last.ckpt", state), tmp_path / "out")
    kept = without(state, f"{FIRST}loss.", "size", "cond.")
    assert equal(export_model(tmp_path / "out"), kept)
    assert equal(export_model(tmp_path / "out" / "prior"), without(kept, FIRST))
    tokenizer = export_model(tmp_path / "out" / "tokenizer")
    assert equal({FIRST + key: value for key, value in tokenizer.items()}, without(kept, "gpt."))


def test_a_model_without_a_published_form_is_refused_and_so_is_no_model(tmp_path):
    save_model(tmp_path / "vq", "tokenizer", "vq", find("tokenizer", "vq").load().tiny())
    with pytest.raises(ConfigError, match=r"has no form in rq-vae-transformer: the importer"):
        export_model(tmp_path / "vq", "rq-vae")
    with pytest.raises(ConfigError, match=r"is no model folder\. Name one that `rqbench import`"):
        export_model(tmp_path, "rq-vae")


def test_a_system_of_two_files_is_exported_one_by_one(published, tmp_path):
    published.save(tmp_path / "zoo" / "stage1" / "model.pt", published.tokenizer_state())
    published.save(tmp_path / "zoo" / "stage2" / "model.pt", published.prior_state())
    import_model(tmp_path / "zoo", tmp_path / "out")
    with pytest.raises(
        ConfigError, match=r"two files\..* `rqbench export \S*prior --out FILE\.pt`"
    ):
        export_model(tmp_path / "out")
    assert "book" in export_model(tmp_path / "out" / "tokenizer")


def test_no_importer_is_named_for_two_models(published, tmp_path):
    state = published.tokenizer_state(FIRST) | published.prior_state()
    import_model(published.save(tmp_path / "pair" / "last.ckpt", state), tmp_path / "out")
    with pytest.raises(ConfigError, match="has two models, each with an importer"):
        export_model(tmp_path / "out", "fake-prior")


def test_a_model_that_was_trained_here_is_exported_by_the_importer_that_is_named(
    published, tmp_path
):
    model = find("tokenizer", "vq").load().tiny()
    save_model(tmp_path, "tokenizer", "vq", model)
    with pytest.raises(ConfigError, match=r"was not imported: it has no origin\.json"):
        export_model(tmp_path)
    with pytest.raises(UnknownPluginError, match="Did you mean 'fake-tokenizer'"):
        export_model(tmp_path, "fake-tokenizr")
    assert torch.equal(export_model(tmp_path, "fake-tokenizer")["book"], model.codebook()[0])
