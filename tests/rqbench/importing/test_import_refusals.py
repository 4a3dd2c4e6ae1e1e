"""Mirrors rqbench/importing/import_model.py: what is refused, by name, and leaves nothing."""

import pytest
import torch

from rqbench.errors import CheckpointError, ConfigError, RqbenchError
from rqbench.importing import import_model as module
from rqbench.importing.import_model import import_model

FIRST = "first_stage_model."


def broken(name, published):
    """A state dict with one fault."""
    state = published.tokenizer_state()
    if name in ("nan", "inf", "-inf"):
        state["net.halves.decoder.norm_out.weight"][0] = float(name)
    elif name == "sparse":
        state["book"] = state["book"].to_sparse()
    elif name == "meta":
        state["book"] = state["book"].to("meta")
    elif name == "surplus":
        state["extra"] = torch.ones(1)
    elif name == "lost":
        del state["net.halves.decoder.norm_out.weight"]
    elif name == "unknown":
        state = {"conv.weight": torch.ones(1)}
    elif name == "first stage alone":
        state = published.tokenizer_state(FIRST) | {"strange.a": torch.ones(1)}
    elif name == "no vectors":
        del state["book"]
    elif name == "odd vectors":
        state["book"] = torch.tensor(1.0)
    return state


@pytest.mark.parametrize(
    ("name", "said"),
    [
        *(
            (name, r"^net\.halves\.decoder\.norm_out\.weight holds numbers that are not finite")
            for name in ("nan", "inf", "-inf")
        ),
        ("sparse", "book is sparse, quantized or complex"),
        ("meta", "book was saved without its numbers"),
        ("surplus", "has, beside what the model needs, extra"),
        ("lost", r"lacks net\.halves\.decoder\.norm_out\.weight"),
        ("unknown", r"No importer knows .* begin conv\.weight\. Known: fake \(prior: fake-prior\)"),
        ("first stage alone", r"beside the models that were recognised, strange\.a\. It is"),
        ("no vectors", r"model\.ckpt lacks book"),
        ("odd vectors", r"looks like a model of fake, and cannot be read as one \(IndexError"),
    ],
)
def test_weights_with_a_fault_are_refused_by_name_and_nothing_is_written(
    published, tmp_path, name, said
):
    path = published.save(tmp_path / "vq" / "model.ckpt", broken(name, published))
    with pytest.raises(CheckpointError, match=said) as caught:
        import_model(path, tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert [file.name for file in tmp_path.iterdir()] == ["vq"]


def test_two_importers_for_one_model_are_told(published, tokenizer_file, tmp_path, monkeypatch):
    monkeypatch.setattr(published.FakePrior, "kind", "tokenizer")
    monkeypatch.setattr(published.FakePrior, "recognises", lambda self, keys: True)
    with pytest.raises(
        CheckpointError, match="by two importers, 'fake-prior' and 'fake-tokenizer'"
    ):
        import_model(tokenizer_file, tmp_path / "out")


def test_a_tokenizer_goes_with_no_other_tokenizer(tokenizer_file, tmp_path):
    import_model(tokenizer_file, tmp_path / "one")
    with pytest.raises(CheckpointError, match="--tokenizer goes with a prior"):
        import_model(tokenizer_file, tmp_path / "two", tokenizer=tmp_path / "one")


def test_a_prior_given_as_the_tokenizer_is_told(prior_file, tmp_path):
    import_model(prior_file, tmp_path / "prior")
    with pytest.raises(ConfigError, match="holds a prior; a tokenizer is needed here"):
        import_model(prior_file, tmp_path / "x", tokenizer=tmp_path / "prior")


@pytest.mark.parametrize("error", [RqbenchError("broken"), KeyboardInterrupt()])
def test_what_fails_or_is_stopped_while_writing_leaves_nothing(
    pair_file, tmp_path, monkeypatch, error
):
    write = module.write_model

    def fail(folder, part, facts):
        write(folder, part, facts)
        if part.kind == "prior":
            raise error

    monkeypatch.setattr(module, "write_model", fail)
    with pytest.raises(type(error)):
        import_model(pair_file, tmp_path / "out")
    assert [file.name for file in tmp_path.iterdir()] == ["pair"]
