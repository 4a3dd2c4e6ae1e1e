"""Mirrors rqbench/speed/recording.py; test_measure.py sees the records of whole runs."""

import pytest

from rqbench.speed.bench import Setting
from rqbench.speed.recording import speed_protocol


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
