"""How fast fixed layouts are sampled, against `generate`, the counted floor, and (where the package
`transformers` is installed) Hugging Face's generate:

    pytest tests/priors/test_sampling_speed.py -o addopts=--import-mode=importlib --benchmark-only

All that is compared takes turns in one process; ratios are medians over rounds, of process time on
one thread. The floor is that of `Prior.cost`: each phase at the larger of its operations over the
rate of a matrix product and its bytes over the bandwidth, both measured here, in the same rounds.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture
from torch import nn

from rqbench._torchvision import import_torchvision
from rqbench.api import CodeLayout, PhaseCost, Prior, Sampling
from rqbench.speed.device_rates import MORE_ROWS, bandwidth, product_rate, sizes_of
from rqbench_priors.depth_stacked import DepthStacked, DepthStackedConfig
from rqbench_priors.raster import Raster, RasterConfig

WIDTH, ROUNDS = 256, 3
RASTER_LAYERS, TOP_K = 10, 100
SIZE: dict[str, Any] = {"width": WIDTH, "heads": 4}


def depth_stacked(codebook_size: int) -> Prior:
    layout = CodeLayout(8, 8, 4, codebook_size)
    config = DepthStackedConfig(**SIZE, inputs="codebook", body_layers=8, depth_layers=2)
    return DepthStacked(config, layout, torch.randn(4, codebook_size, WIDTH)).eval()


def raster() -> Prior:
    layout = CodeLayout(16, 16, 1, 1024)
    return Raster(RasterConfig(**SIZE, layers=RASTER_LAYERS), layout).eval()


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
    """What this processor reaches in each round.

    Between two uses of a weight in the body all weights of the prior are read and, on average, half
    of the cache that is held at the end; in the inner loop the weights of that loop alone. So the
    bandwidth is measured with as many bytes. For the floor of a raster prior both are the same.
    """

    def __init__(self, prior: Prior, batch: int) -> None:
        self.prior, self.batch = prior, batch
        self.rates: list[tuple[float, float, float]] = []  # body, inner loop, operations

    def measure(self) -> None:
        every = sizes_of(self.prior)
        inner = sum(
            layer.weight.nbytes
            for name, part in self.prior.named_modules()
            if isinstance(layer := part, nn.Linear) and name.startswith(("depth_stack.", "head."))
        )
        operations = max(
            product_rate((rows, every.inputs, every.outputs), "cpu", torch.float32)
            for rows in (self.batch, MORE_ROWS * self.batch)
        )
        held = sum(phase.cache_bytes for phase in self.prior.cost(self.batch).values()) // 2
        body = every.weight_bytes + held
        both = bandwidth(body, "cpu"), bandwidth(inner or body, "cpu")
        self.rates.append((*both, operations))

    def floors_s(self, phases: Mapping[str, PhaseCost]) -> list[float]:
        """Of each round but the first."""
        return [
            sum(
                max(p.operations / rate, p.bytes_moved / (body if name == "body" else inner))
                for name, p in phases.items()
            )
            for body, inner, rate in self.rates[1:]
        ]


@pytest.mark.parametrize("batch", [1, 16])
@pytest.mark.parametrize(
    ("build", "sampling"),
    [
        (lambda: depth_stacked(1024), Sampling()),
        (lambda: depth_stacked(16384), Sampling()),
        (raster, Sampling(top_k=TOP_K)),
    ],
    ids=["depth-stacked, k=1024", "depth-stacked, k=16384", "raster, k=1024, top-k"],
)
def test_eager_against_the_reference_and_the_floor(
    benchmark: BenchmarkFixture, build: Callable[[], Prior], sampling: Sampling, batch: int
) -> None:
    prior = build()
    device = Device(prior, batch)
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
        **{
            name: statistics.median(rates) / 1e9
            for name, rates in zip(
                ("body_gb_per_s", "inner_gb_per_s", "gflop_per_s"),
                zip(*device.rates, strict=True),
                strict=True,
            )
        },
    )
    print(benchmark.extra_info)
    benchmark.pedantic(device.measure, rounds=1)


@pytest.mark.parametrize("batch", [1, 16])
def test_raster_against_generate_of_hugging_face(benchmark: BenchmarkFixture, batch: int) -> None:
    """Against the best of GPT-2 and Llama of equal size, with dynamic and with static caches."""
    import_torchvision()  # which it imports, and which may not fit a CPU build of torch
    transformers = pytest.importorskip("transformers")
    prior, length = raster(), 256
    shape: dict[str, Any] = {"vocab_size": 1024, "use_cache": True, "bos_token_id": 0}
    gpt2 = transformers.GPT2LMHeadModel(
        transformers.GPT2Config(
            **shape, n_embd=WIDTH, n_layer=RASTER_LAYERS, n_head=4, n_positions=length + 1,
            eos_token_id=None,
        )
    ).eval()  # fmt: skip
    llama = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            **shape, hidden_size=WIDTH, num_hidden_layers=RASTER_LAYERS, num_attention_heads=4,
            intermediate_size=8 * WIDTH // 3, max_position_embeddings=length + 1,
            eos_token_id=None, pad_token_id=None,
        )
    ).eval()  # fmt: skip
    start = torch.zeros(batch, 1, dtype=torch.int64)

    def generate(model: Any, cache: str) -> Callable[[], object]:
        return lambda: model.generate(
            start, attention_mask=torch.ones_like(start), do_sample=True, top_k=TOP_K,
            min_new_tokens=length, max_new_tokens=length, cache_implementation=cache,
            disable_compile=True,
        )  # fmt: skip

    runs: dict[str, Callable[[], object]] = {
        "eager": lambda: prior.sample(batch, 0, Sampling(top_k=TOP_K), mode="eager")
    }
    for name, model in (("gpt2", gpt2), ("llama", llama)):
        for cache in ("dynamic", "static"):
            runs[f"{name}, {cache}"] = generate(model, cache)
    times = take_turns(runs, ROUNDS)
    ratios = {f"{name} over eager": ratio(times, name, "eager") for name in runs if name != "eager"}
    benchmark.extra_info.update(ratios, best_of_theirs=min(ratios.values()))
    print(benchmark.extra_info)
    benchmark.pedantic(runs["eager"], rounds=1)
