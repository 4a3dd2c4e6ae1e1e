"""What the coarse-to-fine prior's cache saves, and how its cost grows with the length:

    pytest tests/priors/test_coarse_to_fine_speed.py -o addopts=--import-mode=importlib \\
        --benchmark-only -s

"Uncached" is the loop that DQ's released sampler runs: at each step both transformers see the whole
sequence so far; here without the embeddings, which it computes again too. All that is compared
draws given codes, so that lengths are equal, in process time on one thread, in turn. Ratios carry
over to other machines, seconds do not.
"""

import statistics
import time
from collections.abc import Callable

import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture
from torch import Tensor

from rqbench.api import CodeLayout, Codes
from rqbench.codes import spread
from rqbench_priors.coarse_to_fine import CoarseToFine, CoarseToFineConfig
from rqbench_priors.decoding import stack

LAYOUT, WIDTH = CodeLayout(16, 16, 1, 1024, (2, 1)), 256
LENGTHS = {64 + 3 * fine: fine for fine in (11, 32, 64)}
"""Codes of an image, and how many of its 64 regions are then fine."""


def codes_of(num_images: int, num_fine: int | Tensor) -> Codes:
    """Codes of images that have so many fine regions, anywhere; all as many, or Int[b 1]."""
    order = torch.stack([torch.randperm(64) for _ in range(num_images)])
    grains = (order < num_fine).long().view(num_images, 8, 8)
    values = torch.randint(LAYOUT.codebook_size, (num_images, 16, 16, 1))
    return Codes(spread(values, grains, LAYOUT), LAYOUT, grains)


@torch.no_grad()
def cached(prior: CoarseToFine, codes: Codes) -> None:
    symbols = prior.symbols(codes)
    with prior.faster_steps():
        prior.generate(lambda logits, step: symbols[step.image, step.ordinal], len(codes))


class SameCache(stack.DecodingCache):
    """By its type `generate` is drawn symbol by symbol, and nothing else changes."""


@torch.no_grad()
def by_symbol(prior: CoarseToFine, codes: Codes) -> None:
    symbols = prior.symbols(codes)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(stack, "DecodingCache", SameCache)
        with prior.faster_steps():
            prior.generate(lambda logits, step: symbols[step.image, step.ordinal], len(codes))


@torch.no_grad()
def uncached(prior: CoarseToFine, num_images: int, length: int) -> None:
    inputs = torch.randn(num_images, length, WIDTH)
    for end in range(1, length + 1):
        where = prior.position_stack(inputs[:, :end])
        prior.position_head(prior.position_norm(where[:, -1]))
        prior.content_head.at(prior.content_stack(where)[:, -1], 0)


def process_s(work: Callable[[], None]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


@pytest.fixture(scope="module")
def prior() -> CoarseToFine:
    config = CoarseToFineConfig(
        width=WIDTH, heads=4, position_layers=6, content_layers=4, inputs="learned"
    )
    return CoarseToFine(config, LAYOUT).eval()


def test_a_cache_against_none_at_160_codes(
    benchmark: BenchmarkFixture, prior: CoarseToFine
) -> None:
    codes = codes_of(16, 32)
    process_s(lambda: cached(prior, codes))
    rounds = [
        process_s(lambda: uncached(prior, 16, 160)) / process_s(lambda: cached(prior, codes))
        for _ in range(2)
    ]
    benchmark.extra_info["uncached_over_cached"] = statistics.median(rounds)
    print(benchmark.extra_info)
    benchmark.pedantic(cached, args=(prior, codes), rounds=1)


def test_cost_grows_with_the_length_as_is_counted(
    benchmark: BenchmarkFixture, prior: CoarseToFine
) -> None:
    batches = {length: codes_of(4, fine) for length, fine in LENGTHS.items()}
    seconds: dict[int, list[float]] = {length: [] for length in batches}
    for _ in range(6):
        for length, codes in batches.items():
            seconds[length].append(process_s(lambda codes=codes: cached(prior, codes)))
    first = next(iter(LENGTHS))

    def counted(length: int) -> float:
        fine = LENGTHS[length]
        return sum(phase.operations for phase in prior.cost(4, (64 - fine, fine)).values())

    shortest = {length: min(times) for length, times in seconds.items()}  # what else ran only adds
    for length in LENGTHS:
        benchmark.extra_info |= {
            f"{length} over {first}": shortest[length] / shortest[first],
            f"counted, {length} over {first}": counted(length) / counted(first),
        }
    print(benchmark.extra_info)
    benchmark.pedantic(cached, args=(prior, batches[first]), rounds=1)


@pytest.mark.parametrize("num_images", [1, 4, 16, 64])
def test_the_loop_over_slots_against_one_over_symbols(
    benchmark: BenchmarkFixture, prior: CoarseToFine, num_images: int
) -> None:
    """Of images of all lengths."""
    codes = codes_of(num_images, torch.linspace(0, 64, num_images + 2)[1:-1, None])
    seconds: dict[str, list[float]] = {"symbols": [], "slots": []}
    for _ in range(4):
        seconds["symbols"].append(process_s(lambda: by_symbol(prior, codes)))
        seconds["slots"].append(process_s(lambda: cached(prior, codes)))
    ratio = min(seconds["symbols"]) / min(seconds["slots"])
    benchmark.extra_info["symbols_over_slots"] = ratio
    print(num_images, benchmark.extra_info)
    benchmark.pedantic(cached, args=(prior, codes), rounds=1)
