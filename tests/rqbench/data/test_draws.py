"""Mirrors rqbench/data/draws.py."""

from rqbench.data.draws import draws, pick


def test_draws_depend_on_seed_and_index_alone():
    together = draws(3, [5, 9, 2], 4)
    assert [draws(3, [index], 4)[0] for index in (5, 9, 2)] == together
    assert draws(3, [5], 2)[0] == together[0][:2]
    assert draws(4, [5], 4)[0] != together[0]


def test_a_pick_covers_all_counts():
    assert [pick(u, 3) for u in (0.0, 0.34, 0.99)] == [0, 1, 2]
