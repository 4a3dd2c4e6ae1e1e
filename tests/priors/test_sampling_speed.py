"""How fast fixed layouts are sampled, against `generate` and against the counted floor:

    pytest tests/priors/test_sampling_speed.py -o addopts=--import-mode=importlib --benchmark-only

All that is compared takes turns in one process; ratios are medians over rounds, of process time on
one thread. The floor is that of `Prior.cost`: each phase at the larger of its operations over the
rate of a matrix product and its bytes over the bandwidth of reading weights, both measured here, in
the same rounds, at the phase's own sizes.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from pytest_benchmark.fixture import BenchmarkFixture

from rqbench.api import CodeLayout, PhaseCost, Prior, Sampling
from rqbench_priors.depth_stacked import DepthStacked, DepthStackedConfig
from rqbench_priors.raster import Raster, RasterConfig

WIDTH, ROUNDS = 256, 3
SIZE: dict[str, Any] = {"width": WIDTH, "heads": 4}


def depth_stacked(codebook_size: int) -> Prior:
    layout = CodeLayout(8, 8, 4, codebook_size)
    config = DepthStackedConfig(**SIZE, inputs="codebook", body_layers=8, depth_layers=2)
    return DepthStacked(config, layout, torch.randn(4, codebook_size, WIDTH)).eval()


def raster() -> Prior:
    layout = CodeLayout(16, 16, 1, 1024)
    return Raster(RasterConfig(**SIZE, layers=10), layout).eval()


def process_s(run: Callable[[], object]) -> float:
    start = time.process_time()
    with torch.no_grad():
        run()
    return time.process_time() - start


def take_turns(runs: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Process time of each, round by round after a first that does not count, in seconds."""
    for run in runs.values():
        process_s(run)
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            times[name].append(process_s(run))
    return times


def ratio(times: Mapping[str, list[float]], name: str, base: str) -> float:
    pairs = zip(times[name], times[base], strict=True)
    return statistics.median(one / other for one, other in pairs)


class Device:
    """What this processor reaches in each round, by the median of a few calls.

    Weights are those of one step (25 MB). Rows of the product are the batch, and sixteen times as
    many, since a product of few rows may reach less for no reason that a floor could count on; the
    better of both counts.
    """

    def __init__(self, batch: int) -> None:
        self.weights = [torch.randn(4 * WIDTH, WIDTH) for _ in range(24)]
        self.rows = torch.randn(batch, WIDTH), torch.randn(16 * batch, WIDTH)
        self.bytes_per_s: list[float] = []
        self.operations_per_s: list[float] = []

    def measure(self) -> None:
        elements = sum(weight.numel() for weight in self.weights)
        self.bytes_per_s.append(4 * elements / _median_s(self._read))
        self.operations_per_s.append(
            max(2 * len(r) * elements / _median_s(partial(self._multiply, r)) for r in self.rows)
        )

    def floors_s(self, phases: Mapping[str, PhaseCost]) -> list[float]:
        """Of each round but the first."""
        rates = zip(self.operations_per_s[1:], self.bytes_per_s[1:], strict=True)
        return [
            sum(max(p.operations / rate, p.bytes_moved / bandwidth) for p in phases.values())
            for rate, bandwidth in rates
        ]

    def _read(self) -> None:
        for weight in self.weights:
            weight.sum()

    def _multiply(self, rows: torch.Tensor) -> None:
        for weight in self.weights:
            F.linear(rows, weight)


def _median_s(run: Callable[[], object]) -> float:
    return statistics.median(process_s(run) for _ in range(5))


@pytest.mark.parametrize("batch", [1, 16])
@pytest.mark.parametrize(
    ("build", "sampling"),
    [
        (lambda: depth_stacked(1024), Sampling()),
        (lambda: depth_stacked(16384), Sampling()),
        (raster, Sampling(top_k=100)),
    ],
    ids=["depth-stacked, k=1024", "depth-stacked, k=16384", "raster, k=1024, top-k"],
)
def test_eager_against_the_reference_and_the_floor(
    benchmark: BenchmarkFixture, build: Callable[[], Prior], sampling: Sampling, batch: int
) -> None:
    prior, device = build(), Device(batch)
    times = take_turns(
        {
            "eager": lambda: prior.sample(batch, 0, sampling, mode="eager"),
            "reference": lambda: prior.sample(batch, 0, sampling, mode="reference"),
            "device": device.measure,
        },
        ROUNDS,
    )
    times["floor"] = device.floors_s(prior.cost(batch))
    benchmark.extra_info.update(
        eager_s=statistics.median(times["eager"]),
        reference_over_eager=ratio(times, "reference", "eager"),
        eager_over_floor=ratio(times, "eager", "floor"),
        gb_per_s=statistics.median(device.bytes_per_s) / 1e9,
        gflop_per_s=statistics.median(device.operations_per_s) / 1e9,
    )
    print(benchmark.extra_info)
    benchmark.pedantic(device.measure, rounds=1)
