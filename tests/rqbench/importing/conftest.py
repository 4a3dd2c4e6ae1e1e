"""Published checkpoints on disk: a tokenizer, a prior, and a prior with its tokenizer."""

import pytest


@pytest.fixture
def tokenizer_file(published, tmp_path):
    held = {"state_dict": published.tokenizer_state(), "epoch": 3, "optimizer_states": []}
    return published.save(tmp_path / "vq" / "model.ckpt", held)


@pytest.fixture
def pair_file(published, tmp_path):
    state = published.tokenizer_state("first_stage_model.") | published.prior_state()
    return published.save(tmp_path / "pair" / "last.ckpt", {"state_dict": state})


@pytest.fixture
def prior_file(published, tmp_path):
    return published.save(tmp_path / "gpt" / "model.pt", {"state_dict": published.prior_state()})
