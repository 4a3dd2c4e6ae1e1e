"""How fast the quantizer search is, without the shape checks of ordinary tests:

    pytest tests/tokenizers/test_benchmarks.py -o addopts=--import-mode=importlib \\
        --benchmark-only -s

Against a plain search that writes all distances down, and against `vector-quantize-pytorch`, in
process time on one thread, in rounds that take turns; a ratio is the median of the rounds' own.
Ratios carry over to other machines, seconds do not.
"""

import statistics
import time
from collections.abc import Callable

import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture
from torch import Tensor
from vector_quantize_pytorch import ResidualVQ

from rqbench_tokenizers.residual import residual_codes

NUM_VECTORS, WIDTH, DEPTH = 4096, 256, 4
ROUNDS = {1024: 5, 16384: 2}


def plain_search(vectors: Tensor, codebook: Tensor) -> Tensor:
    """Codes of residuals, with all distances of a depth held at once."""
    codes = []
    for _ in range(DEPTH):
        squares = vectors.square().sum(-1, keepdim=True) + codebook.square().sum(-1)
        codes.append(torch.addmm(squares, vectors, codebook.T, alpha=-2).argmin(dim=-1))
        vectors = vectors - codebook[codes[-1]]
    return torch.stack(codes, dim=-1)


def take_turns(
    ways: dict[str, Callable[[], Tensor]], rounds: int
) -> tuple[dict[str, Tensor], dict[str, list[float]]]:
    """The codes of each way, and its process seconds in each round after a first one."""
    codes = {name: way().flatten() for name, way in ways.items()}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.process_time()
            way()
            seconds[name].append(time.process_time() - start)
    return codes, seconds


def ratios(seconds: dict[str, list[float]], base: str) -> dict[str, float]:
    return {
        f"{name}_over_{base}": statistics.median(
            slow / fast for slow, fast in zip(times, seconds[base], strict=True)
        )
        for name, times in seconds.items()
        if name != base
    }


@pytest.mark.parametrize("codebook_size", ROUNDS)
def test_the_search_against_a_plain_one_and_a_library(
    benchmark: BenchmarkFixture, codebook_size: int
) -> None:
    library = ResidualVQ(
        dim=WIDTH, num_quantizers=DEPTH, codebook_size=codebook_size, shared_codebook=True
    ).eval()
    for layer in library.layers:
        layer._codebook.embed.data.copy_(torch.randn(1, codebook_size, WIDTH))
    books = library.codebooks.detach()  # d k e
    latents = torch.randn(1, 64, 64, WIDTH)
    ways = {
        "ours": lambda: residual_codes(latents, books),
        "plain": lambda: plain_search(latents.flatten(0, 2), books[0]),
        "library": torch.no_grad()(lambda: library(latents.flatten(1, 2))[1]),
    }
    codes, seconds = take_turns(ways, ROUNDS[codebook_size])
    benchmark.pedantic(ways["ours"], rounds=1)
    found = {
        **ratios(seconds, "ours"),
        "gflop_per_s": NUM_VECTORS * WIDTH * codebook_size * DEPTH * 2e-9 / min(seconds["ours"]),
        "codes_unlike_plain": int((codes["ours"] != codes["plain"]).sum()),
        "codes_unlike_library": int((codes["ours"] != codes["library"]).sum()),
    }
    benchmark.extra_info.update(found)
    print(f"K={codebook_size}", *(f"{name}={value:.3g}" for name, value in found.items()))
