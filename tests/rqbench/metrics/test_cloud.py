"""Mirrors rqbench/metrics/cloud.py."""

import pytest
import torch

from rqbench.metrics import cloud as module
from rqbench.metrics.cloud import blocks, cloud, exact_squares, rough_squares, rounding


def made(points, groups=None):
    groups = torch.zeros(len(points), dtype=torch.int64) if groups is None else groups
    return cloud(points, groups, points.mean(dim=0))


def test_points_stand_by_group_and_each_column_leaves_one_out():
    found = made(torch.tensor([[0.0], [1.0], [2.0]]), torch.tensor([1, 0, 1]))
    assert found.at(torch.arange(3)).flatten().tolist() == [1, 0, 2]
    assert found.kept.int().tolist() == [[1, 0, 1], [1, 1, 0], [1, 1, 0]]


def test_rough_distances_are_within_their_rounding_and_exact_ones_are_exact():
    first, second = (torch.randn(60, 300) * scale + 500 for scale in (1.0, 3.0))
    a, b = (cloud(part, torch.zeros(60).long(), first.mean(dim=0)) for part in (first, second))
    true = (first.double()[:, None] - second.double()).square().sum(dim=2)
    off = (rough_squares(a, b) - true).abs()
    assert (off <= rounding(a, b)[:, None]).all()
    assert (rounding(a, b) < 0.001 * true.min()).all()  # else all pairs would be measured again
    i, j = torch.ones_like(true).nonzero().unbind(dim=1)
    assert torch.equal(exact_squares(a, i, b, j), true.flatten().float())


def test_exact_distances_are_the_same_in_parts_and_none_of_none(monkeypatch):
    points = made(torch.randn(30, 8))
    i, j = torch.arange(30), torch.arange(30).flip(0)
    whole = exact_squares(points, i, points, j)
    monkeypatch.setattr(module, "_PAIR_VALUES", 56)  # seven pairs
    assert torch.equal(exact_squares(points, i, points, j), whole)
    assert len(exact_squares(points, i[:0], points, j[:0])) == 0


@pytest.mark.parametrize(("count", "most"), [(2, 40), (25, 4), (60, 1), (101, 1)])
def test_blocks_cover_all_rows_and_hold_no_more_distances_than_fit(monkeypatch, count, most):
    monkeypatch.setattr(module, "_VALUES", 100)
    monkeypatch.setattr(module, "_ROWS", 40)
    first, second = made(torch.zeros(90, 1)), made(torch.zeros(count, 1))
    parts = list(blocks(first, second))
    assert [place for part in parts for place in range(90)[part]] == list(range(90))
    assert max(len(first[part]) for part in parts) == most
