"""Mirrors rqbench_reports/frame.py."""

import math

import pytest

from rqbench.api import RunData
from rqbench_reports.frame import (
    half_width,
    in_order,
    main_records,
    points,
    repeat_range,
    system_names,
    to_frame,
    tokenizer_names,
)


def test_prefixes_and_thresholds_never_stand_for_the_system(record):
    records = [record("a", "psnr_db", 1.0, settings={"depth": 1}), record("a", "psnr_db", 4.0)]
    assert main_records(records)["a", "psnr_db"].value == 4.0
    assert main_records(records[:1]) == {}


def test_the_largest_batch_stands_for_the_system(record):
    records = [
        record("a + p", "sampling_images_per_s", float(batch), settings={"batch": batch})
        for batch in (1, 64, 16)
    ]
    assert main_records(records)["a + p", "sampling_images_per_s"].value == 64.0


def test_points_are_found_by_their_settings(record):
    records = [record("a", "ssim", depth / 4, settings={"depth": depth}) for depth in (1, 2)]
    assert list(points([*records, record("a", "ssim", 1.0)], "a", "ssim")) == [
        "depth=1",
        "depth=2",
        "",
    ]


def test_systems_keep_the_order_of_the_experiment(record):
    records = [record(name, "fid", 1.0) for name in ("vq", "vq + b", "rq + a", "paper + p")]
    run = RunData(records, ["rq + a", "vq + b", "dq + never"])
    assert system_names(run) == ["rq + a", "vq + b", "paper + p"]
    assert tokenizer_names(run) == ["vq", "rq", "paper"]


def test_tokenizers_keep_the_order_of_the_experiment(record):
    records = [record(name, "ssim", 0.5) for name in ("dq", "rq", "paper", "vq")]
    assert tokenizer_names(RunData(records, ["vq", "rq", "dq"])) == ["vq", "rq", "dq", "paper"]


def test_stages_are_ordered_by_the_systems_that_they_train():
    run = RunData([], ["vq", "vq + raster", "dq + fine"])
    assert in_order(["dq+fine", "other", "vq+raster"], run) == ["vq+raster", "dq+fine", "other"]


def test_a_later_record_of_training_crops_hides_no_held_out_one(record):
    records = [
        record("dq", "fine_ratio", 0.3, split="held-out"),
        record("dq", "fine_ratio", 0.5, split="training"),
    ]
    assert points(records, "dq", "fine_ratio")[""].value == 0.3


def test_only_repeated_timings_have_a_range(record):
    raw = [2.0, 1.0, 3.0]
    assert repeat_range(record("a", "training_s", 2.0, raw=raw)) == (1.0, 3.0)
    assert repeat_range(record("a", "training_s", 2.0, raw=raw[:1])) is None
    assert repeat_range(record("a", "training_s", 2.0)) is None
    assert repeat_range(record("a", "psnr_db", 2.0, raw=raw)) is None


def test_the_half_width_is_the_longer_side_where_there_is_one(record):
    assert half_width(record("a", "psnr_db", 2.0, ci95=(1.0, 4.0))) == 2.0
    for ci95 in (None, (2.0, 2.0), (-math.inf, math.inf)):
        assert half_width(record("a", "psnr_db", 2.0, ci95=ci95)) is None


def test_the_long_frame_tells_images_from_seeds(record):
    pooled = record(
        "a", "psnr_db", 2.0, ci95=(0.0, 4.0), image_ci95=(1.0, 3.0), seed_values={3: 1.0, 4: 3.0}
    )
    first, second = to_frame([pooled, record("b", "psnr_db", 2.0)]).to_dict("records")
    assert (first["ci95_low"], first["image_ci95_low"]) == (0.0, 1.0)
    assert (first["seeds"], second["seeds"]) == ("3 4", "0")
    assert first["seed_sd"] == pytest.approx(2**0.5)
