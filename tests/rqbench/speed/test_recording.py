"""Mirrors rqbench/speed/recording.py; test_measure.py sees the records of whole runs."""

import pytest

from rqbench.speed.audit import Audit
from rqbench.speed.bench import Setting
from rqbench.speed.clock import Lap
from rqbench.speed.largest import Largest
from rqbench.speed.recording import record_timings, speed_protocol
from rqbench.speed.rounds import Timing
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


def test_images_a_second_are_one_over_the_median_time_of_both(build):
    """Of a batch of two: the middle times of both are 0.4 and 0.5 s, so 0.225 s an image."""
    (system, _) = load_systems(build(), "cpu")
    draws, decodes = (0.1, 0.2, 0.3, 0.3, 0.6, 0.8), (0.1, 0.1, 0.1, 0.2, 0.2, 0.2)
    timing = Timing(
        system, 2, Setting(),
        drawing=[Lap(seconds, seconds) for seconds in draws],
        decoding=[Lap(seconds, seconds) for seconds in decodes],
        warm_up=[Lap(1.0, 1.0)], audit=Audit("logits"),
    )  # fmt: skip
    records, _ = record_timings([timing], [], "here", "cpu")
    found = {one.metric: one for one in records}
    speed = found["sampling_images_per_s"]
    assert speed.value == pytest.approx(1 / 0.225)
    assert speed.raw == pytest.approx([10, 20 / 3, 5, 4, 2.5, 2])
    assert speed.ci95 == pytest.approx((2, 10))
    assert found["prior_ms_per_image"].value == pytest.approx(150)
    assert found["decoder_ms_per_image"].value == pytest.approx(75)
