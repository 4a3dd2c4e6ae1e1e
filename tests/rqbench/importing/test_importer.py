"""Mirrors rqbench/importing/importer.py."""

import pytest
import torch

from rqbench.errors import CheckpointError
from rqbench.importing.importer import Checkpoint

HELD = Checkpoint(
    {"part.a": torch.ones(1), "part.b": torch.ones(2), "c": torch.ones(3)}, {}, "x.pt"
)


def test_a_part_has_its_keys_without_the_prefix():
    assert list(HELD.below("part.")) == ["a", "b"]
    assert list(HELD.below("")) == list(HELD.state)


def test_a_key_that_tells_the_model_and_is_not_there_is_an_error_of_the_checkpoint():
    with pytest.raises(CheckpointError, match=r"x\.pt \(below 'part\.'\) lacks d, which tells"):
        HELD.below("part.")["d"]
    with pytest.raises(CheckpointError, match=r"^x\.pt lacks d"):
        HELD.below("")["d"]
    assert HELD.below("").get("d") is None
