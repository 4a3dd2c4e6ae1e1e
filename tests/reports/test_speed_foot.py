"""Mirrors rqbench_reports/speed_foot.py."""

from rqbench.api import Record, RunData
from rqbench_reports.speed_foot import (
    about_audits,
    about_memory,
    about_rounds,
    about_run,
)
from rqbench_reports.speed_rows import SpeedRow


def row(
    metric: str, value: float, raw: list[float] | None = None, setting: str = "", **more: object
) -> SpeedRow:
    record = Record(
        experiment="speed", system="vq", tokenizer="vq", data="none", split="none", metric=metric,
        value=value, n=1, seed=0, environment="gpu0", protocol="speed", protocol_hash="0", raw=raw,
        settings=more,
    )  # fmt: skip
    return SpeedRow("vq", 4, setting, {(metric, ""): record})


PASSED, FAILED = row("audit_passed", 1.0), row("audit_passed", 0.0)


def test_the_foot_counts_audits_and_says_how_many_failed():
    assert about_audits([PASSED, PASSED, PASSED]) == ["Audited: all 3 timings passed."]
    assert about_audits([PASSED, FAILED, PASSED]) == ["Audited: 1 of 3 timings failed."]
    assert about_audits([PASSED]) == ["Audited: the one timing passed."]
    assert about_audits([row("fits_memory", 0.0)]) == []


def test_memory_is_of_the_whole_process_on_a_cpu_only():
    rows = [row("sampling_peak_memory_bytes", 1.0, device=device) for device in ("cpu", "cuda")]
    assert about_memory(rows[:1]) == ["Memory: of the whole process."]
    assert about_memory(rows[1:]) == []


def test_rounds_that_differ_by_more_than_half_are_told_the_widest_first():
    rows = [
        row("prior_ms_per_image", 4.0, [4.0, 3.0, 6.0], "slow"),
        row("prior_ms_per_image", 4.0, [4.0, 3.0, 4.5]),  # 1.5 is not yet more
        row("prior_ms_per_image", 4.0, [5.0, 2.0]),
    ]
    assert about_rounds(rows) == [
        "Rounds of the prior differ by 2.5x: vq, batch 4; 2.0x: vq, slow, batch 4 "
        "(is the machine busy?)."
    ]
    assert about_rounds(rows[1:2]) == []


def test_threads_are_counted_and_left_out_where_a_device_has_none():
    rows = [row("prior_ms_per_image", 4.0, [4.0])]
    for threads, told in ((1, ", 1 thread"), (2, ", 2 threads"), (None, "")):
        facts = {"gpu0": {"device_name": "Example", "threads": threads}}
        assert about_run(rows, RunData([], [], environments=facts)) == [f"On Example{told} (gpu0)."]
