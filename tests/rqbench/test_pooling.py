"""Mirrors rqbench/pooling.py."""

import math

import pytest

from rqbench.pooling import image_error, pool
from rqbench.record import Record, read_records, write_records


def record(seed=0, **changes):
    facts = {
        "experiment": "e", "system": "s", "tokenizer": "t", "data": "d", "split": "held-out",
        "metric": "psnr_db", "value": 1.5, "n": 3, "protocol": "p", "protocol_hash": "h",
        "seed": seed, "environment": "abc",
    }  # fmt: skip
    return Record(**(facts | changes))


def of_images(seed, raw):
    return record(
        seed, value=sum(raw) / len(raw), raw=raw, clusters=["a", "b", "b"], ci_method="bootstrap",
        ci95=(0.0, 9.0),
    )  # fmt: skip


def test_one_seed_stays_as_it_is():
    single = [of_images(0, [1.0, 2.0, 3.0]), record(metric="ssim")]
    assert pool(single) == single


def test_seeds_become_their_mean_image_by_image():
    (pooled,) = pool([of_images(5, [1.0, 2.0, 3.0]), of_images(4, [3.0, 2.0, 7.0])])
    assert pooled.raw == [2.0, 2.0, 5.0]
    assert pooled.value == 3.0
    assert pooled.seed_values == {4: 4.0, 5: 2.0}
    assert pooled.seed_sd == pytest.approx(2**0.5)
    assert (pooled.seed, pooled.seeds, pooled.n) == (4, (4, 5), 3)


def test_what_the_seeds_share_of_their_setup_is_kept_and_another_setup_stays_apart():
    one, other = ({"model": "m", "training": training} for training in "tT")
    costs = [record(seed, setup=setup) for seed in (0, 1) for setup in (one, other)]
    assert [each.setup for each in pool(costs)] == [one, other]
    assert [each.seeds for each in pool(costs)] == [(0, 1), (0, 1)]


def test_the_interval_covers_images_and_training_and_that_of_images_stands_apart():
    (pooled,) = pool([of_images(0, [1.0, 2.0, 3.0]), of_images(1, [3.0, 2.0, 7.0])])
    images = image_error(record(raw=pooled.raw, clusters=pooled.clusters))
    assert pooled.image_ci95 == images.interval(3.0)
    # one degree of freedom on both sides, so that variances alone decide the width
    seeds = 1.0  # standard error of the mean of 2 and 4
    half = 12.7062 * math.hypot(images.standard_error, seeds)
    assert pooled.ci95 == pytest.approx((3.0 - half, 3.0 + half), rel=1e-4)
    assert pooled.ci_method == "bootstrap; and Student t over 2 seeds, variances added"


def test_values_of_other_images_are_not_paired_over_seeds():
    """Each training may leave out other images where a value is undefined."""
    one = of_images(0, [1.0, 2.0, 3.0])
    other = record(1, value=5.0, raw=[4.0, 6.0], clusters=["a", "b"], ci95=(2.0, 7.0))
    (pooled,) = pool([one, other])
    assert (pooled.value, pooled.raw) == (3.5, None)
    assert pooled.image_ci95 == pytest.approx((0.0, 7.0))  # as wide as theirs are in the mean


def test_replicates_of_a_score_are_pooled_by_the_cluster_they_leave_out():
    facts = {"metric": "rfid", "clusters": ["a", "b"], "ci_method": "jackknife"}
    (pooled,) = pool(
        [
            record(0, value=5.0, replicates=[4.0, 6.0], **facts),
            record(1, value=7.0, replicates=[8.0, 6.0], **facts),
        ]
    )
    assert pooled.replicates == [6.0, 6.0]
    assert pooled.image_ci95 == (6.0, 6.0)
    assert pooled.ci95[1] - 6.0 == pytest.approx(12.7062, rel=1e-4)


def test_repeats_of_a_timing_stand_one_after_the_other():
    facts = {"metric": "prior_ms_per_image", "n": 2}
    (pooled,) = pool(
        [record(0, value=2.5, raw=[2.0, 3.0], **facts), record(1, value=5.0, raw=[4, 6], **facts)]
    )
    assert (pooled.raw, pooled.n, pooled.value) == ([2.0, 3.0, 4.0, 6.0], 4, 3.75)


def test_a_single_number_of_several_trainings_has_the_interval_of_the_trainings():
    (pooled,) = pool([record(seed, value=1.0 + seed) for seed in range(3)])
    assert pooled.image_ci95 is None
    assert pooled.ci95 == pytest.approx((2.0 - 2.48414, 2.0 + 2.48414), rel=1e-4)


@pytest.mark.parametrize(
    "change",
    [
        {"system": "x"}, {"metric": "ssim"}, {"protocol_hash": "x"}, {"split": "training"},
        {"settings": {"depth": 2}}, {"source": "published"},
    ],
)  # fmt: skip
def test_what_differs_in_more_than_its_seed_stays_apart(change):
    assert len(pool([record(0), record(1, **change)])) == 2


def test_thresholds_found_anew_by_each_training_belong_together_in_their_order():
    def at(seed, threshold):
        return record(seed, settings={"threshold": threshold, "stop": 1})

    pooled = pool([at(0, 0.5), at(0, 0.75), at(1, 1.0), at(1, 1.25), record(1)])
    assert [found.settings for found in pooled] == [
        {"threshold": 0.75, "stop": 1}, {"threshold": 1.0, "stop": 1}, {},
    ]  # fmt: skip


def test_machines_matter_to_what_is_read_off_a_clock_only():
    assert len(pool([record(0), record(1, environment="other")])) == 1
    timed = {"metric": "training_s"}
    assert len(pool([record(0, **timed), record(1, environment="other", **timed)])) == 2


def test_the_same_seed_twice_is_not_two_trainings():
    assert len(pool([record(0), record(0), record(1)])) == 2


def test_images_that_a_system_restores_exactly_leave_the_pooled_value_infinite():
    (pooled,) = pool([of_images(0, [1.0, 2.0, math.inf]), of_images(1, [1.0, 2.0, 3.0])])
    assert pooled.value == math.inf
    assert pooled.ci95 == (-math.inf, math.inf)


def test_a_bare_interval_is_read_as_that_of_a_normal_value():
    assert image_error(record(ci95=(1.0, 1.0 + 2 * 1.959964))).standard_error == pytest.approx(1.0)
    assert image_error(record()) is None


def test_the_interval_of_trainings_is_none_of_images():
    (pooled,) = pool([record(seed, value=1.0 + seed) for seed in range(3)])
    assert image_error(pooled) is None
    (bare,) = pool([record(0, ci95=(1.0, 2.0)), record(1, ci95=(1.0, 2.0))])
    assert image_error(bare).standard_error == pytest.approx(0.5 / 1.959964)


def test_pooled_records_can_be_kept(tmp_path):
    pooled = pool([of_images(0, [1.0, 2.0, 3.0]), of_images(1, [3.0, 2.0, 7.0])])
    write_records(tmp_path / "r.jsonl", pooled)
    assert read_records(tmp_path / "r.jsonl") == pooled
