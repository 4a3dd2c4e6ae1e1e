"""How fast encoders and decoders are, without the shape checks of ordinary tests:

    pytest tests/tokenizers/test_network_benchmarks.py -o addopts=--import-mode=importlib \\
        --benchmark-only -s

Against the same weights in the other order in memory, and against what the processor does in a
large matrix product; process time on one thread, in turn. Ratios carry over to other machines,
seconds do not.
"""

import statistics
import time
from collections.abc import Callable

import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture

from rqbench.api import count_macs
from rqbench.speed.device_rates import product_rate
from rqbench_tokenizers.conv_config import ConvConfig
from rqbench_tokenizers.vq import VQ, VQConfig

ROUNDS, IMAGES, SIDE = 5, 4, 64


def build(memory: str) -> VQ:
    torch.manual_seed(0)
    network = ConvConfig.model_validate(
        {"channels": 64, "multipliers": (1, 2, 2), "num_res_blocks": 1, "memory": memory}
    )
    return VQ(VQConfig(conv=network)).eval()


@torch.no_grad()
def process_s(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


@pytest.mark.parametrize("half", ["encode", "decode"])
def test_channels_last_against_channels_first_and_the_rate_of_products(
    benchmark: BenchmarkFixture, half: str
) -> None:
    images = torch.rand(IMAGES, 3, SIDE, SIDE)
    last, first = build("channels-last"), build("channels-first")
    codes = last.encode(images)

    def run(model: VQ) -> object:
        return model.encode(images) if half == "encode" else model.decode(codes)

    times: dict[str, list[float]] = {"last": [], "first": [], "rate": []}
    for number in range(ROUNDS + 1):
        measured = {
            "last": process_s(lambda: run(last)),
            "first": process_s(lambda: run(first)),
            "rate": product_rate((1024, 1024, 1024), "cpu", torch.float32),
        }
        for name, value in measured.items() if number else ():
            times[name].append(value)
    with torch.no_grad():
        operations = 2 * count_macs(run, last)
    rounds = list(zip(*times.values(), strict=True))
    benchmark.extra_info.update(
        first_over_last=statistics.median(slow / fast for fast, slow, _ in rounds),
        share_of_product_rate=statistics.median(operations / s / rate for s, _, rate in rounds),
    )
    print(half, benchmark.extra_info)
    benchmark.pedantic(run, args=(last,), rounds=1)
