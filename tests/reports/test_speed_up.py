"""Mirrors rqbench_reports/speed_up.py."""

from collections.abc import Sequence
from statistics import median

from rqbench.api import Record
from rqbench_reports.speed_rows import SpeedRow
from rqbench_reports.speed_up import about_speed_ups, over, speed_up, speed_ups


def row(system: str, batch: int, rounds: Sequence[float], setting: str = "") -> SpeedRow:
    """Timed in these rounds; what was published tells one number and no rounds."""
    is_paper = "(published)" in system
    record = Record(
        experiment="speed", system=system, tokenizer=system, data="none", split="none",
        metric="sampling_images_per_s", value=median(rounds), n=len(rounds), seed=0,
        environment="gpu0", protocol="speed", protocol_hash=str(is_paper),
        raw=None if is_paper else list(rounds), source="published" if is_paper else "measured",
        citation="figure 4" if is_paper else None,
    )  # fmt: skip
    return SpeedRow(system, batch, setting, {("sampling_images_per_s", ""): record})


SLOWING = [100.0, 90.0, 80.0, 70.0, 60.0, 50.0]
TWICE = [200.0, 180.0, 160.0, 140.0, 120.0, 125.0]  # all but the last, which is 2.5 times as fast


def test_rounds_are_paired_so_that_a_machine_that_drifts_leaves_a_narrow_interval():
    rows = [row("vq", 1, SLOWING), row("rq", 1, TWICE)]
    up = speed_up(rows[1], rows)
    assert (up.value, up.ci95, up.over) == (2.0, (2.0, 2.5), "vq")
    assert speed_up(rows[0], rows) is None


def test_the_median_of_ratios_is_told_and_not_the_ratio_of_medians():
    rows = [row("vq", 1, [1.0, 2.0, 4.0]), row("rq", 1, [4.0, 2.0, 4.0])]
    up = speed_up(rows[1], rows)  # ratios 4, 1, 1; medians 2 and 4
    assert (up.value, up.ci95) == (1.0, None)
    assert "too few for a 95% interval" in up.method


def test_without_pairs_it_is_the_ratio_of_the_numbers_and_has_no_interval():
    rows = [
        row("vq", 1, [2.0] * 6), row("rq", 1, [6.0] * 7),
        row("vq (published)", 1, [2.0]), row("rq (published)", 1, [8.0]),
    ]  # fmt: skip
    found = [speed_up(each, rows) for each in rows]
    assert [up and (up.value, up.ci95) for up in found] == [None, (3.0, None), None, (4.0, None)]
    assert "brackets" not in about_speed_ups(speed_ups(rows))[0]


def test_only_the_same_batch_and_setting_are_compared():
    rows = [
        row("vq", 1, [4.0] * 6, "slow"), row("rq", 1, [6.0] * 6, "slow"),
        row("vq", 1, [8.0] * 6, "fast"), row("rq", 1, [40.0] * 6, "fast"),
        row("rq", 16, [90.0] * 6, "fast"),
    ]  # fmt: skip
    found = [up and up.value for each in rows for up in [speed_up(each, rows)]]
    assert found == [None, 1.5, None, 5.0, None]


def test_a_short_name_heads_the_column_and_every_name_stands_in_the_foot():
    rows = [row("vq", 1, [2.0] * 6), row("rq", 1, [4.0] * 6)]
    assert over(speed_ups(rows)) == "over vq"
    long = [row("vq-8x8 + raster", 1, [2.0] * 6), row("rq", 1, [4.0] * 6)]
    assert over(speed_ups(long)) == ""
    (line,) = about_speed_ups(speed_ups(long))
    assert line.startswith("Speed-up: over vq-8x8 + raster, at the same batch and setting; median")
    assert "in brackets: of the median, from order statistics" in line
    assert about_speed_ups([]) == []
