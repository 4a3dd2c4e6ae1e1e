"""Mirrors rqbench/metrics/moments.py."""

import pytest
import torch

from rqbench.metrics import moments as module
from rqbench.metrics.moments import Moments


def test_three_points_by_hand():
    moments = Moments.of(torch.tensor([[0.0, 0.0], [3.0, 0.0], [0.0, 3.0]]))
    assert moments.n == 3
    assert moments.mean.tolist() == [1.0, 1.0]
    assert moments.covariance.tolist() == [[3.0, -1.5], [-1.5, 3.0]]


def test_blocks_and_merged_parts_give_what_the_whole_gives(monkeypatch):
    monkeypatch.setattr(module, "_ROWS", 7)
    cloud = torch.randn(50, 4, dtype=torch.float64)
    first, second = Moments(4), Moments(4)
    first.add(cloud[:20])
    first.add(cloud[20:20])  # an empty block
    second.add(cloud[20:])
    first.merge(second)
    first.merge(Moments(4))
    assert first.n == 50
    torch.testing.assert_close(first.mean, cloud.mean(dim=0))
    torch.testing.assert_close(first.covariance, torch.cov(cloud.T))


def test_features_far_from_zero_keep_their_digits():
    near = torch.randn(1000, 3, dtype=torch.float64)
    moments = Moments(3)
    for block in (near + 1e9).split(10):
        moments.add(block)
    torch.testing.assert_close(moments.covariance, torch.cov(near.T), rtol=1e-5, atol=1e-7)


def test_given_statistics_are_kept_and_grow_only_with_a_count():
    mean, covariance = torch.zeros(2), torch.eye(2)
    counted, uncounted = Moments.given(mean, covariance, 5), Moments.given(mean, covariance)
    assert torch.equal(counted.covariance, covariance.double())
    assert torch.equal(uncounted.covariance, covariance.double())
    counted.add(torch.zeros(1, 2))
    assert counted.covariance[0, 0] == pytest.approx(4 / 5)  # squares of 4 over n - 1
    with pytest.raises(ValueError, match="count"):
        uncounted.add(torch.zeros(1, 2))
    with pytest.raises(ValueError, match="count"):
        counted.merge(uncounted)
