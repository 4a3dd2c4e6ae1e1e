"""Mirrors rqbench/read_ahead.py."""

import threading
import time

import pytest

from rqbench.read_ahead import in_order


def test_results_come_in_the_order_of_the_items_whichever_is_done_first():
    def slow_first(item):
        time.sleep(0.05 if item == 0 else 0)
        return item * item

    assert list(in_order(slow_first, range(6), threads=3, ahead=4)) == [0, 1, 4, 9, 16, 25]


def test_no_more_is_begun_than_the_bound():
    begun = []
    stream = in_order(begun.append, range(100), threads=2, ahead=5)
    for taken in range(1, 50):
        next(stream)
        assert len(begun) <= taken + 5
    stream.close()


def test_the_bound_may_shrink_meanwhile():
    begun, bounds = [], [8, 8, 8, 8]
    stream = in_order(begun.append, range(100), 1, lambda: bounds.pop() if bounds else 2)
    for _ in range(49):
        next(stream)
    assert len(begun) <= 49 + 2
    assert len(list(stream)) == 51


def test_several_threads_work_at_the_same_time():
    together = threading.Barrier(3, timeout=10)
    assert len(list(in_order(lambda item: together.wait(), range(3), threads=3, ahead=3))) == 3


def test_an_error_comes_at_its_place_and_ends_the_work():
    begun = []

    def fail_at_3(item):
        begun.append(item)
        if item == 3:
            raise KeyError(item)
        return item

    stream = in_order(fail_at_3, range(1000), threads=1, ahead=2)
    assert [next(stream) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(KeyError):
        next(stream)
    assert len(begun) < 10
