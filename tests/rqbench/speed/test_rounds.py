"""Mirrors rqbench/speed/rounds.py; test_measure.py sees the rounds of whole runs."""

import pytest

from rqbench.speed import rounds
from rqbench.speed.bench import Setting
from rqbench.speed.clock import Lap
from rqbench.speed.nvml import Gpu
from rqbench.speed.rounds import Timing, time_batch
from rqbench.speed.systems import load_systems


def test_the_first_draw_is_told_by_what_it_takes_beyond_the_median_of_the_timed_ones(
    build, monkeypatch
):
    """Warm-up ends where two rounds agree: 9 s, 2 s, then 2 s."""
    bench = build(systems=[build().systems[1].model_dump()])
    drawing = iter([9.0, 2.0, 2.0, 2.5, 2.0, 3.5, 2.5, 4.0])
    decoding, whole = Lap(0.5, 0.5), rounds.timed

    def timed(device, work):
        done, _ = whole(device, work)
        if done is None:  # decoded
            return done, decoding
        return done, Lap(seconds := next(drawing), seconds)

    monkeypatch.setattr(rounds, "timed", timed)
    told: list[str] = []
    (timing,) = time_batch(bench, load_systems(bench, "cpu"), 2, [1], "cpu", Gpu(), told.append)
    assert [lap.wall_s for lap in timing.warm_up] == [9.0, 2.0, 2.0]
    assert timing.first_draw_extra_s == 9.0 - 2.5
    assert told == ["batch 2: warm-up", "batch 2: 5 rounds", "batch 2: audit and rates"]


@pytest.mark.parametrize(("name", "told"), [("", "a + b, batch 3"), ("x", "a + b, x, batch 3")])
def test_messages_name_system_setting_and_batch(build, name, told):
    (system, _) = load_systems(build(), "cpu")
    timing = Timing(system, 3, Setting(name=name))
    assert timing.name == told.replace("a + b", system.name)
