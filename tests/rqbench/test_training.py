"""Mirrors rqbench/training.py."""

import pytest

from rqbench.training import Training


def rates(training):
    return [training.learning_rate_at(step) for step in range(training.steps)]


def test_the_rate_rises_in_equal_steps_and_falls_by_a_cosine():
    training = Training(steps=7, learning_rate=1.0, warmup_steps=3, final_share=0.2)
    quarter = 0.2 + 0.8 * (1 + 0.5**0.5) / 2  # an eighth of a turn, and its mirror image
    expected = [0.25, 0.5, 0.75, 1.0, quarter, 0.6, 1.2 - quarter]
    assert rates(training) == pytest.approx(expected)


def test_a_constant_rate_stays_at_its_peak():
    training = Training(steps=4, learning_rate=0.5, warmup_steps=1, schedule="constant")
    assert rates(training) == [0.25, 0.5, 0.5, 0.5]


def test_a_warm_up_may_be_absent_or_as_long_as_the_training():
    assert Training(steps=1, learning_rate=1.0, warmup_steps=0).learning_rate_at(0) == 1.0
    long = Training(steps=2, learning_rate=1.0, warmup_steps=3)
    assert rates(long) == [0.25, 0.5]


@pytest.mark.parametrize(("every", "steps"), [(1, 20), (20, 20), (21, 40), (100, 100)])
def test_checkpoints_come_after_whole_log_lines(every, steps):
    assert Training(log_every=20, checkpoint_every=every).checkpoint_steps == steps
