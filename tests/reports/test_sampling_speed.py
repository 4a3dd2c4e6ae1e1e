"""Mirrors rqbench_reports/sampling_speed.py."""

import re
from dataclasses import replace

from rqbench.api import Record, RunData
from rqbench_reports.sampling_speed import SamplingSpeed


def records(system: str, batch: int, scale: float) -> list[Record]:
    def record(metric: str, value: float, raw: bool = True, **settings: object) -> Record:
        return Record(
            experiment="speed", system=system, tokenizer=system, prior="p", data="none",
            split="none", metric=metric, value=value, n=6, seed=0, environment="gpu0",
            protocol="speed", protocol_hash="0", raw=[value] * 6 if raw else None,
            ci95=(value * 0.9, value * 1.1) if raw else None, ci_method="order statistics",
            settings={"batch": batch, "device": "cpu", "dtype": "float32", **settings},
        )  # fmt: skip

    return [
        record("fits_memory", 1.0, raw=False), record("sampling_images_per_s", 5 / scale),
        record("prior_ms_per_image", 120 * scale), record("decoder_ms_per_image", 80 * scale),
        record("floor_ms_per_image", 60 * scale, raw=False, part="prior"),
        record("floor_ms_per_image", 90 * scale, raw=False, part="both"),
        record("floor_ratio", 2.0, part="prior"), record("floor_ratio", 2.7, part="decoder"),
        record("sampling_peak_memory_bytes", 3 * 2.0**20, raw=False),
    ]  # fmt: skip


LOST = records("vq", 100, 1.0)[:1]
RUN = RunData(
    [
        *records("vq", 1, 2.0), *records("vq", 16, 1.0),
        LOST[0].model_copy(update={"value": 0.0}), *records("rq", 1, 1.0),
    ],
    ["vq", "rq"],
    environments={"gpu0": {"device_name": "Example GPU", "threads": 1}},
)  # fmt: skip


def test_the_table_has_a_line_for_each_batch_its_floor_and_what_it_rests_on(tmp_path):
    SamplingSpeed().draw(RUN, tmp_path)
    text = (tmp_path / "tables/sampling-speed.md").read_text()
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()
             if line.startswith("| ")]  # fmt: skip
    assert lines[3] == [
        "vq", "16", "5 [4.5, 5.5]", "–", "120 [108, 132]", "80 [72, 88]", "3",  # noqa: RUF001 - en dash
    ]  # fmt: skip
    assert lines[4][:3] == ["vq", "100", "out of memory"]
    assert lines[5][:4] == ["rq", "1", "5 [4.5, 5.5]", "2.00 [2.00, 2.00]"]
    assert "speed-up (over vq)" in text
    assert "order statistics; n = 6 rounds" in text
    assert "Example GPU, 1 thread (gpu0)" in text
    assert "dtype: float32." in text


def test_first_draws_that_took_a_second_more_are_told_below(tmp_path):
    (first, *_) = RUN.records
    more = [
        first.model_copy(update={"metric": "first_draw_extra_s", "value": seconds, "system": system,
                                 "settings": first.settings | {"batch": batch}})
        for system, batch, seconds in (("vq", 1, 7.0), ("vq", 16, 12.34), ("rq", 1, 0.9))
    ]  # fmt: skip
    SamplingSpeed().draw(replace(RUN, records=[*RUN.records, *more]), tmp_path)
    text = (tmp_path / "tables/sampling-speed.md").read_text()
    assert "took longer, by up to: vq: 12.3 s (batch 16).\n" in text


def test_the_largest_batches_are_told_below_and_in_the_csv(tmp_path):
    (first, *_) = RUN.records
    more = [
        first.model_copy(update={"metric": "largest_batch", "value": value, "system": system,
                                 "settings": {"setting": setting, "too_large": too_large}})
        for system, setting, value, too_large in (
            ("vq", "fast", 612.0, 688), ("rq", "fast", 65536.0, None)
        )
    ]  # fmt: skip
    SamplingSpeed().draw(replace(RUN, records=[*RUN.records, *more]), tmp_path)
    text = (tmp_path / "tables/sampling-speed.md").read_text()
    assert "on the device: vq, fast: 612 (688 does not); rq, fast: at least 65,536.\n" in text
    assert "largest_batch" in (tmp_path / "tables/sampling-speed.csv").read_text()


def test_floors_have_a_table_of_their_own(tmp_path):
    SamplingSpeed().draw(RUN, tmp_path)
    text = (tmp_path / "tables/speed-floor.md").read_text()
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()
             if line.startswith("| ")]  # fmt: skip
    assert lines[2][:4] == ["vq", "1", "120", "2 [1.8, 2.2]"]
    assert lines[2][5] == "2.7 [2.43, 2.97]"
    assert [line[:2] for line in lines[2:]] == [["vq", "1"], ["vq", "16"], ["rq", "1"]]


def test_energy_has_a_column_where_it_was_measured(tmp_path):
    (first, *_) = RUN.records
    told = {"metric": "energy_j_per_image", "value": 7.5, "ci95": None}
    run = replace(RUN, records=[*RUN.records, first.model_copy(update=told)])
    SamplingSpeed().draw(run, tmp_path)
    text = (tmp_path / "tables/sampling-speed.md").read_text()
    assert "energy ↓ (J/image)" in text
    assert re.search(r"\| +7\.5 \|", text)


def in_setting(system: str, scale: float, setting: str) -> list[Record]:
    made = records(system, 4, scale)
    return [
        one.model_copy(update={"settings": one.settings | {"setting": setting}}) for one in made
    ]


SETTINGS = RunData(
    [
        *in_setting("vq", 3.0, "slow"), *in_setting("rq", 1.0, "slow"),
        *in_setting("vq", 0.5, "fast"), *in_setting("rq", 0.25, "fast"),
    ],
    ["vq", "rq"],
)  # fmt: skip


def test_settings_have_a_column_and_their_speed_ups_a_table(tmp_path):
    SamplingSpeed().draw(SETTINGS, tmp_path)
    text = (tmp_path / "tables/sampling-speed.md").read_text()
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()
             if line.startswith("| ")]  # fmt: skip
    assert [line[:3] for line in lines[2:]] == [
        ["vq", "slow", "4"], ["rq", "slow", "4"], ["vq", "fast", "4"], ["rq", "fast", "4"],
    ]  # fmt: skip
    assert "slow: device: cpu; dtype: float32." in text
    ups = (tmp_path / "tables/speed-up.md").read_text()
    assert "Speed-up over vq" in ups
    assert "- Medians" not in ups
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in ups.splitlines()
             if line.startswith("| ")]  # fmt: skip
    assert lines[2:] == [
        ["rq", "slow", "3.00 [3.00, 3.00]"], ["rq", "fast", "2.00 [2.00, 2.00]"],
    ]  # fmt: skip


def test_a_run_that_timed_nothing_this_way_has_neither(tmp_path):
    other = [record.model_copy(update={"protocol": "cost"}) for record in RUN.records]
    assert SamplingSpeed().draw(RunData(other, RUN.systems), tmp_path).files == []
