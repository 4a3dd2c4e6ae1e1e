"""Mirrors rqbench/training.py."""

import pytest

from rqbench.config import parse_config
from rqbench.errors import ConfigError
from rqbench.training import PriorTraining, TokenizerTraining, Training


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


def test_a_batch_must_divide_into_its_parts():
    with pytest.raises(ConfigError) as caught:
        parse_config(PriorTraining, {"batch_size": 10, "accumulation": 4}, "here")
    said = str(caught.value)
    assert "batch_size 10 does not divide into accumulation 4 equal parts" in said
    assert "Set training.prior.accumulation=1" in said


def test_a_discriminator_that_would_never_start_is_refused():
    with pytest.raises(ConfigError, match="starts at step 5 and training ends after 5 steps"):
        parse_config(TokenizerTraining, {"steps": 5, "adversarial": {"start_step": 5}}, "here")


def test_a_prior_needs_as_many_crops_as_a_batch_holds():
    assert parse_config(PriorTraining, {"batch_size": 16, "crops": 16}, "here").num_images == 16_000
    with pytest.raises(ConfigError) as caught:
        parse_config(PriorTraining, {"batch_size": 16, "crops": 15}, "here")
    said = str(caught.value)
    assert "a batch of 16 images does not come together from 15 crops" in said
    assert "training.prior.crops=16 or more, or training.prior.batch_size=15 or less" in said


def test_images_are_counted_each_time_they_come():
    assert Training(steps=7, batch_size=4, accumulation=2).num_images == 28
