"""Two small systems, drawn from configs, for all tests of timings."""

from collections.abc import Callable
from typing import Any

import pytest

from rqbench.speed import device_rates
from rqbench.speed.bench import Bench, build_bench, load_bench


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Bench]:
    """The preset `tiny-speed` on images of 8 px with the fewest rounds, changed; the device is
    measured in a moment."""
    monkeypatch.setattr(device_rates, "TRY_S", 0.0)
    monkeypatch.setattr(device_rates, "TRIES", 1)

    def make(**changes: Any) -> Bench:
        values = load_bench("tiny-speed") | {"repeats": 5, "batch": [2]}
        values["systems"] = [{**system, "resolution": 8} for system in values["systems"]]
        return build_bench(values | changes, "tiny-speed")

    return make
