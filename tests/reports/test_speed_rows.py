"""Mirrors rqbench_reports/speed_rows.py."""

from rqbench.api import Record, RunData
from rqbench_reports.speed_rows import settings_of, speed_rows


def record(system: str, batch: int, metric: str, value: float, **settings: object) -> Record:
    is_paper = "(published)" in system
    return Record(
        experiment="speed", system=system, tokenizer=system, prior="p", data="none", split="none",
        metric=metric, value=value, n=6, seed=0, environment="gpu0", protocol_hash="0",
        protocol="speed-published" if is_paper else "speed",
        source="published" if is_paper else "measured", citation="figure 4" if is_paper else None,
        settings={"batch": batch, **settings},
    )  # fmt: skip


SPEED = "sampling_images_per_s"
RECORDS = [
    record("vq", 16, SPEED, 20.0), record("vq", 1, SPEED, 4.0), record("vq", 1, "fits_memory", 1.0),
    record("vq", 100, "fits_memory", 0.0),
    record("rq", 1, SPEED, 6.0), record("rq", 100, SPEED, 90.0),
    record("rq", 16, "fits_memory", 1.0), record("rq", 16, "audit_passed", 0.0),
    record("vq (published)", 1, SPEED, 2.0), record("rq (published)", 1, SPEED, 8.0),
    record("rq", 1, "floor_ratio", 1.5, part="prior"),
    record("rq", 1, "floor_ratio", 3.0, part="decoder"),
    record("rq", 1, "psnr_db", 3.0).model_copy(update={"protocol": "held-out-crops"}),
]  # fmt: skip
NAMES = ["vq", "rq", "vq (published)", "rq (published)"]
ROWS = speed_rows(RunData(RECORDS, NAMES))


def test_a_row_for_each_system_and_batch_in_their_order():
    assert [(row.system, row.batch) for row in ROWS] == [
        ("vq", 1), ("vq", 16), ("vq", 100), ("rq", 1), ("rq", 16), ("rq", 100),
        ("vq (published)", 1), ("rq (published)", 1),
    ]  # fmt: skip
    parts = ROWS[3]
    assert [parts.get("floor_ratio", part).value for part in ("prior", "decoder")] == [1.5, 3.0]
    assert parts.get("psnr_db") is None


def test_a_row_without_a_speed_says_why():
    assert [row.missing for row in ROWS[:6]] == ["", "", "out of memory", "", "audit failed", ""]


def test_rows_of_different_settings_are_kept_apart():
    records = [
        record("vq", 1, SPEED, 4.0, setting="slow"), record("rq", 1, SPEED, 6.0, setting="slow"),
        record("vq", 1, SPEED, 8.0, setting="fast"), record("rq", 1, SPEED, 40.0, setting="fast"),
        record("vq (published)", 1, SPEED, 2.0), record("rq (published)", 1, SPEED, 8.0),
    ]  # fmt: skip
    rows = speed_rows(RunData(records, NAMES))
    assert [(row.setting, row.system) for row in rows] == [
        ("slow", "vq"), ("slow", "rq"), ("fast", "vq"), ("fast", "rq"),
        ("", "vq (published)"), ("", "rq (published)"),
    ]  # fmt: skip
    assert settings_of(rows) == ["slow", "fast", ""]
    assert settings_of(ROWS) == []
