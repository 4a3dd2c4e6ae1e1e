"""Mirrors rqbench/metrics/balls.py."""

import pytest
import torch

from rqbench.metrics.balls import count_around, nearest_without
from rqbench.metrics.cloud import cloud, exclude_own, rough_squares


def on_a_line(places, groups):
    points = torch.tensor(places)[:, None]
    return cloud(points, torch.tensor(groups), torch.zeros(1))


def test_the_nearest_outside_each_group_by_hand():
    """From 0 the places 1, 2, 4 and 7 lie that far; without its group the next one counts."""
    first, second = on_a_line([0.0], [0]), on_a_line([4.0, 1, 2, 7], [1, 0, 0, 1])
    squares = rough_squares(first, second)
    assert nearest_without(squares, first, second, 1).tolist() == [[1, 16, 1]]
    assert nearest_without(squares, first, second, 2).tolist() == [[4, 49, 4]]


def test_what_rough_distances_order_wrongly_is_ordered_by_exact_ones():
    first, second = on_a_line([0.0], [0]), on_a_line([1.0, 1.0001, 3.0], [0, 0, 1])
    rough = torch.tensor([[1.0004, 1.0003, 9.0]])
    assert nearest_without(rough, first, second, 1).tolist() == [[1, 9, 1]]


@pytest.mark.parametrize("k", [1, 4])
def test_neighbours_of_a_point_in_its_own_set_are_the_others_in_whatever_groups(k):
    """Groups of one point and of fifty, all close together."""
    groups = torch.tensor([0] * 50 + [1] * 20 + [2] * 9 + [3])
    points = torch.randn(80, 6) * 0.1 + torch.randn(4, 6)[groups]
    points = cloud(points, groups, points.mean(dim=0))
    squares = rough_squares(points[30:], points)
    exclude_own(squares, slice(30, 80))
    found = nearest_without(squares, points[30:], points, k)
    true = (points.points.double()[30:, None] - points.points.double()).square().sum(dim=2)
    true.diagonal(30).fill_(torch.inf)
    for column, kept in enumerate(points.kept.T):
        expected = true[:, kept].sort(dim=1).values[:, k - 1]
        assert torch.equal(found[:, column], expected.float())


def test_balls_are_counted_with_and_without_their_surface():
    """Balls around 0 and 10 reach 2 far, and 5 without the other; 3 is reached only then, 2 and 12
    lie on a surface."""
    balls = on_a_line([0.0, 10], [0, 1])
    points = on_a_line([0.0, 2, 3, 12, 20], [0] * 5)
    radii = torch.tensor([[4.0, 4, 25], [4.0, 25, 4]])
    closed, without = count_around(rough_squares(balls, points), balls, points, radii)
    assert closed.T.tolist() == [[1, 1, 0, 1, 0], [0, 0, 0, 1, 0], [1, 1, 1, 0, 0]]
    assert without.T.tolist() == [[1, 0, 0, 0, 0], [0, 0, 0, 1, 0], [1, 1, 1, 0, 0]]
