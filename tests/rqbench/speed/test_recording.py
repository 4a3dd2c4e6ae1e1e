"""Mirrors rqbench/speed/recording.py; test_measure.py sees the records of whole runs."""

import pytest

from rqbench.speed.bench import Setting
from rqbench.speed.largest import Largest
from rqbench.speed.recording import record_timings, speed_protocol
from rqbench.speed.systems import load_systems


@pytest.mark.parametrize(
    ("setting", "device", "tf32", "tolerance"),
    [
        (Setting(tf32=True), "cuda", "allowed", 0.01),
        (Setting(), "cuda", "off", 0.001),
        (Setting(tf32=True), "cpu", "off", 0.001),
        (Setting(tf32=True, dtype="bfloat16"), "cuda", "allowed", 0.05),
    ],
)
def test_the_protocol_tells_the_tolerance_that_the_audit_used(setting, device, tf32, tolerance):
    clauses = speed_protocol(setting, device).clauses
    assert (clauses["tf32"], clauses["audit_tolerance"]) == (tf32, tolerance)


def test_the_largest_batch_is_a_record_of_its_setting(build):
    (system, _) = load_systems(build(), "cpu")
    setting = Setting(name="fast", dtype="bfloat16")
    found = [Largest(system, setting, 612, 688), Largest(system, setting, 65536, None)]
    records, protocols = record_timings([], found, "gpu0", "cuda:0")
    assert [(one.metric, one.value, one.settings["too_large"]) for one in records] == [
        ("largest_batch", 612, 688), ("largest_batch", 65536, None),
    ]  # fmt: skip
    assert records[0].settings["setting"] == "fast"
    assert list(protocols) == [speed_protocol(setting, "cuda").hash]
