"""Mirrors rqbench_tokenizers/moving_average.py."""

import pytest
import torch

from rqbench_tokenizers.moving_average import (
    MovingAverage,
    pick,
    pick_from_tiles,
    restart,
    smoothed_means,
    starting_vectors,
    tally,
)


def test_a_tally_adds_up_what_chose_each_code_by_its_weight() -> None:
    vectors = torch.tensor([[1.0], [2.0], [4.0], [8.0]])
    codes, weights = torch.tensor([0, 2, 2, 0]), torch.tensor([1.0, 1.0, 1.0, 0.0])
    counts, sums = tally(vectors, codes, weights, 3)
    assert counts.tolist() == [1, 0, 2]
    assert sums.tolist() == [[1], [0], [6]]


def test_smoothing_keeps_the_total_and_nearly_the_means() -> None:
    means = smoothed_means(torch.tensor([2.0, 6.0]), torch.tensor([[4.0], [6.0]]))
    # counts become 8 * (2 + 1e-5) / (8 + 2e-5) = 2.000005 and 8 - 2.000005
    assert means[:, 0].tolist() == pytest.approx([4 / 2.000005, 6 / 5.999995], rel=1e-7)


def test_a_code_below_a_tenth_of_the_mean_count_starts_on_its_spare_vector() -> None:
    counts, sums = torch.tensor([0.3, 0.5, 11.2]), torch.tensor([[3.0], [5.0], [1.0]])
    spare = torch.tensor([[7.0], [8.0], [9.0]])
    new_counts, new_sums = restart(counts, sums, spare, MovingAverage(restart_below=0.1))
    assert new_counts.tolist() == pytest.approx([0.4, 0.5, 11.2])  # the mean count is 4
    assert new_sums[:, 0].tolist() == pytest.approx([7 * 0.4, 5.0, 1.0])


def test_the_published_rule_restarts_below_a_count_of_one() -> None:
    average = MovingAverage(restart_below=1.0, restart_rule="count")
    counts, sums = torch.tensor([0.99, 1.0]), torch.tensor([[3.0], [5.0]])
    new_counts, new_sums = restart(counts, sums, torch.tensor([[7.0], [8.0]]), average)
    assert new_counts.tolist() == [1.0, 1.0]
    assert new_sums.tolist() == [[7.0], [5.0]]


def test_picking_takes_no_vector_twice_and_weighted_ones_first() -> None:
    pool = torch.arange(6.0)[:, None]
    weights = torch.tensor([0.0, 1.0, 0.0, 1.0, 1.0, 0.0])
    assert sorted(pick(pool, weights, 3)[:, 0].tolist()) == [1, 3, 4]
    assert sorted(pick(pool, weights, 6)[:, 0].tolist()) == [0, 1, 2, 3, 4, 5]


def test_picking_more_than_there_are_repeats_them_with_a_little_noise() -> None:
    pool = torch.tensor([[0.0], [10.0]])
    chosen = pick(pool, torch.ones(2), 6)[:, 0]
    assert len(chosen.unique()) == 6
    assert (chosen / 10).round().mul(10).sub(chosen).abs().max() < 1
    assert sorted(chosen[:2].tolist()) == [0.0, 10.0]


def test_starting_vectors_settle_on_the_clusters() -> None:
    clusters = torch.tensor([[-100.0, 0.0], [0.0, 50.0], [100.0, 0.0]])
    vectors = (clusters[:, None] + torch.randn(3, 40, 2)).flatten(0, 1)
    start = starting_vectors(vectors, torch.ones(120), 12)
    distances = torch.cdist(clusters, start).min(dim=1).values
    assert distances.max() < 3


def test_picking_from_tiles_repeats_the_pool_whole_with_noise_that_only_adds() -> None:
    pool = torch.tensor([[0.0, 0.0, 0.0, 0.0], [10.0, 10.0, 10.0, 10.0]])
    chosen = pick_from_tiles(pool, 5)
    assert chosen.shape == (5, 4)
    added = chosen - (chosen / 10).round() * 10
    assert (added >= 0).all()
    assert 0 < added.max() < 0.01 / 4**0.5
    enough = pick_from_tiles(pool, 2)
    assert sorted(enough[:, 0].tolist()) == [0.0, 10.0]
