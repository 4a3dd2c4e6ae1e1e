"""Mirrors rqbench_tokenizers/nearest.py."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from rqbench_tokenizers import nearest as module
from rqbench_tokenizers.nearest import CPU_TILE, DEVICE_TILE, Tile, nearest

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


def test_tiles_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, codebook = torch.randn(3, 7, 5), torch.randn(203, 5)
    whole = nearest(vectors, codebook)
    assert torch.equal(whole, torch.cdist(vectors, codebook).argmin(dim=-1))
    monkeypatch.setattr(module, "CPU_TILE", Tile(codes=64, vectors=4))  # 203 = 3 * 64 + 11
    assert torch.equal(nearest(vectors, codebook), whole)


@pytest.mark.parametrize("size", [31, 33, 1024, 1500, 2500])
def test_of_equal_vectors_the_lowest_code_wins_wherever_they_stand(size: int) -> None:
    vectors, codebook = torch.randn(601, 48), torch.randn(size, 48)
    best = nearest(vectors, codebook)
    copies = torch.randint(len(best), (size // 2,))
    places = torch.randperm(size)[: len(copies)]
    codebook[places] = codebook[best[copies]]  # each popular vector now stands in several places
    found = nearest(vectors, codebook)
    twins = (codebook[:, None] == codebook[None]).all(dim=-1)  # k k
    assert twins.sum() > size
    assert torch.equal(found, twins.int().argmax(dim=-1)[found])


@pytest.mark.parametrize("codebook_size", [1000, 1024])
def test_other_formulas_choose_differently_only_where_rounding_decides(codebook_size: int) -> None:
    vectors, codebook = torch.randn(1500, 64) * 3, torch.randn(codebook_size, 64)
    exact = torch.cdist(vectors.double(), codebook.double()).square()  # n k
    squares = vectors.square().sum(-1, keepdim=True) + codebook.square().sum(-1)
    published = torch.addmm(squares, vectors, codebook.T, alpha=-2).argmin(dim=-1)
    lengths = vectors.norm(dim=-1) + codebook.norm(dim=-1).amax()
    rounding = 64 * torch.finfo(torch.float32).eps * lengths.square()
    for codes in (nearest(vectors, codebook), published):
        surplus = exact.gather(1, codes[:, None])[:, 0] - exact.amin(dim=-1)
        assert (surplus <= rounding).all()
        assert (surplus == 0).double().mean() > 0.998  # so near a tie is one vector in thousands


@pytest.mark.parametrize("device", ["meta", "cpu"])
def test_no_more_is_held_than_a_tile_of_scores(peak_bytes: Callable[[], Any], device: str) -> None:
    num_vectors, size, width = (262_144, 16_384, 256) if device == "meta" else (4096, 4096, 8)
    vectors = torch.zeros(num_vectors, width, device=device)
    codebook = torch.zeros(size, width, device=device)
    tile = DEVICE_TILE if device == "meta" else CPU_TILE
    scores_bytes = 4 * tile.codes * tile.vectors
    with peak_bytes() as held:
        codes = nearest(vectors, codebook)
    assert scores_bytes + codes.nbytes <= held.peak <= 1.2 * scores_bytes + codes.nbytes
    assert held.peak < min(2**30, num_vectors * size)  # all scores would be four times as many


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
