"""How fast priors sample, without the shape checks of ordinary tests:

    pytest tests/priors/test_benchmarks.py -o addopts=--import-mode=importlib --benchmark-only

"Eager" are the fast loops; "uncached" is one full teacher-forced pass a symbol, which is what a
sampler without a cache does at the end of its sequence. Process time on one thread; ratios carry
over to other machines, seconds do not.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture

from rqbench.api import CodeLayout, Prior, SamplingMode
from rqbench_priors.coarse_to_fine import CoarseToFine, CoarseToFineConfig
from rqbench_priors.depth_stacked import DepthStacked, DepthStackedConfig
from rqbench_priors.raster import Raster, RasterConfig

NUM_IMAGES, ROUNDS = 4, 3
SIZE: dict[str, Any] = {"width": 128, "heads": 4, "inputs": "learned"}
PRIORS = {
    "raster": lambda: Raster(RasterConfig(**SIZE), CodeLayout(16, 16, 1, 1024)),
    "raster on stacks": lambda: Raster(RasterConfig(**SIZE), CodeLayout(8, 8, 4, 1024)),
    "depth-stacked": lambda: DepthStacked(DepthStackedConfig(**SIZE), CodeLayout(8, 8, 4, 1024)),
    "raster on grains": lambda: Raster(RasterConfig(**SIZE), CodeLayout(16, 16, 1, 1024, (2, 1))),
    "coarse-to-fine": lambda: CoarseToFine(
        CoarseToFineConfig(**SIZE), CodeLayout(16, 16, 1, 1024, (2, 1))
    ),
}


@pytest.mark.parametrize("build", PRIORS.values(), ids=PRIORS.keys())
def test_sampling_with_a_cache_against_none(
    benchmark: BenchmarkFixture, build: Callable[[], Prior]
) -> None:
    prior = build().eval()
    steps: list[float] = []
    plain_step = prior.step

    def timed_step(*arguments: Any) -> torch.Tensor:
        start = time.process_time()
        logits = plain_step(*arguments)
        steps.append(time.process_time() - start)
        return logits

    # of this one object, so that each step is timed where it is called
    prior.step = timed_step  # type: ignore[method-assign]
    codes = prior.sample(NUM_IMAGES, seed=0, mode="reference")
    prior.step = plain_step  # type: ignore[method-assign]

    passes = []
    for _ in range(3):
        start = time.process_time()
        with torch.no_grad():
            prior.log_prob(codes)
        passes.append(time.process_time() - start)
    times: dict[SamplingMode, list[float]] = {"reference": [], "eager": []}
    for number in range(ROUNDS + 1):
        for mode, taken in times.items():
            start = time.process_time()
            prior.sample(NUM_IMAGES, 0, mode=mode)
            if number:
                taken.append(time.process_time() - start)
    benchmark.pedantic(prior.sample, args=(NUM_IMAGES, 0), kwargs={"mode": "eager"}, rounds=1)
    sampling_s, eager_s = (statistics.median(taken) for taken in times.values())

    step_s, pass_s = statistics.median(steps), statistics.median(passes)
    benchmark.extra_info.update(
        images=NUM_IMAGES,
        steps=len(steps),
        step_ms=step_s * 1e3,
        eager_step_ms=eager_s / len(steps) * 1e3,
        reference_over_eager=statistics.median(
            slow / fast for slow, fast in zip(*times.values(), strict=True)
        ),
        uncached_over_cached_step=pass_s / step_s,
        uncached_over_cached_sampling=pass_s * len(steps) / sampling_s,
    )
    print(benchmark.extra_info)
