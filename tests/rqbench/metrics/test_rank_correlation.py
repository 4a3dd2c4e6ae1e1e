"""Mirrors rqbench/metrics/rank_correlation.py."""

import pytest
import torch
from scipy.stats import spearmanr

from rqbench.metrics.rank_correlation import rank_correlation


def test_only_the_order_counts():
    ours = torch.tensor([[1.0, 2.0, 3.0, 4.0]]).repeat(3, 1)
    theirs = torch.tensor([[0.1, 0.2, 5.0, 900.0], [4.0, 3.0, 2.0, 1.0], [1.0, 2.0, 4.0, 3.0]])
    assert rank_correlation(ours, theirs).tolist() == pytest.approx([1.0, -1.0, 0.8])


def test_equal_values_share_their_mean_rank():
    """Ranks 1.5, 1.5, 3.5, 3.5 beside 1, 2, 3, 4: covariance 4, variances 4 and 5."""
    found = rank_correlation(torch.tensor([[0.0, 0.0, 7.0, 7.0]]), torch.tensor([[1.0, 2, 3, 4]]))
    assert found.item() == pytest.approx(4 / 20**0.5)


def test_values_that_differ_by_rounding_alone_are_equal():
    assert 0.1 + 0.2 + 0.3 != 0.3 + 0.2 + 0.1
    for scale in (1e-9, 1.0, 1e9):
        ours = scale * torch.tensor([[0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1, 7.0, 7.0]]).double()
        found = rank_correlation(ours, torch.tensor([[2.0, 1, 3, 4]]))
        assert found.item() == pytest.approx(4 / 20**0.5)
    same = torch.tensor([[0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1]], dtype=torch.float64)
    assert bool(rank_correlation(same, torch.tensor([[1.0, 2.0]])).isnan())


def test_it_is_scipy_s_also_with_ties():
    ours, theirs = torch.randint(4, (6, 40)).double(), torch.randn(6, 40)
    expected = [spearmanr(*rows).statistic for rows in zip(ours, theirs, strict=True)]
    assert rank_correlation(ours, theirs).tolist() == pytest.approx(expected)


def test_where_all_are_equal_there_is_none():
    found = rank_correlation(torch.tensor([[0.3] * 4, [0.0, 1, 2, 3]]), torch.rand(2, 4))
    assert found.isnan().tolist() == [True, False]
