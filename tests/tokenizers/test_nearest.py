"""Mirrors rqbench_tokenizers/nearest.py."""

import pytest
import torch

from rqbench_tokenizers import nearest as module
from rqbench_tokenizers.nearest import nearest

CORNERS = torch.tensor([[0.0, 0.0], [4.0, 0.0], [0.0, 3.0]])  # k=3 e=2


def test_without_values_there_are_shapes_all_the_same() -> None:
    found = nearest(torch.empty(2, 5, 2, device="meta"), CORNERS.to("meta"))
    assert found.shape == (2, 5)


def test_the_nearest_corner_is_chosen() -> None:
    vectors = torch.tensor([[1.9, 0.1], [2.1, 0.1], [0.4, 1.6], [100.0, -5.0]])
    assert nearest(vectors, CORNERS).tolist() == [0, 1, 2, 1]


def test_a_tie_goes_to_the_lower_code() -> None:
    assert nearest(torch.tensor([[2.0, 0.0]]), CORNERS).tolist() == [0]
    assert nearest(torch.tensor([[2.0, 1.5]]), CORNERS[[0, 2, 1]]).tolist() == [0]
    assert nearest(torch.tensor([[7.0]]), torch.tensor([[5.0], [5.0], [1.0]])).tolist() == [0]


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, codebook = torch.randn(3, 7, 5), torch.randn(11, 5)
    whole = nearest(vectors, codebook)
    monkeypatch.setattr(module, "SCORES_PER_BLOCK", 22)  # two vectors at a time
    assert torch.equal(nearest(vectors, codebook), whole)
    assert torch.equal(whole, torch.cdist(vectors, codebook).argmin(dim=-1))


def test_a_small_step_far_from_the_origin_is_seen() -> None:
    codebook = torch.tensor([[1000.0], [1000.25]])
    assert nearest(torch.tensor([[1000.1], [1000.2]]), codebook).tolist() == [0, 1]


def test_half_precision_is_refused_with_the_way_out() -> None:
    with pytest.raises(TypeError, match=r"latents\.float\(\)"):
        nearest(torch.zeros(1, 2, dtype=torch.bfloat16), CORNERS)


def test_autocast_does_not_shorten_the_search() -> None:
    codebook = torch.tensor([[1.0], [1.001]])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert nearest(torch.tensor([[1.0009]]), codebook).tolist() == [1]
