"""Mirrors rqbench_reports/quality_speed.py."""

from rqbench.api import RunData
from rqbench_reports.quality_speed import QualitySpeed, bars_note


def test_one_system_without_intervals_is_enough(record, tmp_path):
    records = [record("a + p", "fid", 30.0), record("a + p", "sampling_images_per_s", 5.0)]
    files = QualitySpeed().draw(RunData(records, ["a + p"]), tmp_path).files
    assert [path.name for path in files] == ["quality-speed.png", "quality-speed.pdf"]


def test_without_speed_nothing_is_drawn(record, tmp_path):
    run = RunData([record("a + p", "fid", 30.0)], ["a + p"])
    assert QualitySpeed().draw(run, tmp_path).files == []


def test_the_caption_says_what_the_bars_of_each_direction_are(record):
    speed = record("a + p", "sampling_images_per_s", 5.0, raw=[4.0, 5.0, 6.0])
    assert bars_note([speed]) == (
        "Bars: of speed, the range of 3 repeats; of distance, the 95% interval."
    )
    assert bars_note([record("a + p", "sampling_images_per_s", 5.0)]) == (
        "Bars: of distance, the 95% interval."
    )
