"""The faster loops against `generate`, symbol by symbol; mirrors rqbench_priors/decoding.

The faster loop draws; `generate` then repeats its codes and shows the logits it sees. Every code
has to be the one that the image's uniform picks from those logits, unless the uniform lies within
rounding of an edge, which few may.
"""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from rqbench.api import CodeLayout, Codes, ConditionSpec, Prior, Sampling, Step, uniforms
from rqbench.choice import choose_by_uniform
from rqbench.guidance import choose_guided
from rqbench_priors.decoding import attention
from rqbench_priors.decoding import stack as decoding_stack
from rqbench_priors.decoding.inputs import Inputs
from rqbench_priors.depth_stacked import DepthStacked, DepthStackedConfig
from rqbench_priors.raster import Raster, RasterConfig

TOLERANCE = 1e-5  # of the total, between u and an edge
SEED, FIRST = 3, 5
STACKS, FLAT = CodeLayout(2, 3, 3, 40), CodeLayout(3, 3, 1, 40)
CLASSES, CAPTIONS = ConditionSpec(4, null=True), ConditionSpec(6, length=3)
SMALL: dict[str, Any] = {"width": 16, "heads": 2}
BODY = {**SMALL, "body_layers": 2, "depth_layers": 1}


def depth_stacked(
    layout: CodeLayout, condition: ConditionSpec | None = None, **options: Any
) -> Prior:
    codebook = torch.randn(layout.depth, layout.codebook_size, 6)
    return DepthStacked(DepthStackedConfig(**BODY | options), layout, codebook, condition)


def raster(layout: CodeLayout, condition: ConditionSpec | None = None, **options: Any) -> Prior:
    codebook = torch.randn(layout.depth, layout.codebook_size, 6)
    return Raster(RasterConfig(**SMALL | {"layers": 2} | options), layout, codebook, condition)


PRIORS: dict[str, Callable[[], Prior]] = {
    "stacks": lambda: depth_stacked(STACKS),
    "stacks, learned inputs": lambda: depth_stacked(STACKS, inputs="learned"),
    "stacks, a bias a depth": lambda: depth_stacked(STACKS, bias_per_depth=True),
    "stacks of one code": lambda: depth_stacked(FLAT),
    "stacks of one code, no depth layers": lambda: depth_stacked(FLAT, depth_layers=0),
    "stacks, classes": lambda: depth_stacked(STACKS, CLASSES),
    "stacks, captions": lambda: depth_stacked(STACKS, CAPTIONS, output_bias="shared"),
    "stacks, heads of their own": lambda: depth_stacked(STACKS, depth_heads=4, mlp_width=24),
    "raster": lambda: raster(FLAT),
    "raster, codebook": lambda: raster(FLAT, inputs="codebook", output_bias="none"),
    "raster, stacks": lambda: raster(STACKS, inputs="codebook"),
    "raster, captions": lambda: raster(FLAT, CAPTIONS),
    "raster, input places": lambda: raster(FLAT, CAPTIONS, places="input", num_places=30),
    "raster, a condition of codes": lambda: raster(
        FLAT, CAPTIONS, places="input", condition_in="codes"
    ),
    "raster, a start code": lambda: raster(
        STACKS, places="input", condition_in="codes", start_code=2
    ),
}
SETTINGS = {
    "plain": Sampling(),
    "warm, top-k a depth": Sampling(temperature=1.5, top_k=(3, 30, 9)),
    "nucleus": Sampling(top_p=(0.9, 0.5), top_k=20),
    "nucleus, exceed": Sampling(top_p=0.7, nucleus="exceed", temperature=0.8, top_k=30),
    "nucleus, exceed, no top-k": Sampling(top_p=0.7, nucleus="exceed"),
}


def excited(prior: Prior) -> Prior:
    """Weights so large that a code depends on all before it."""
    for weight in prior.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    return prior.eval()


def conditions(prior: Prior, num_images: int) -> Tensor | None:
    if prior.condition is None:
        return None
    return torch.randint(prior.condition.vocab_size, (num_images, prior.condition.length))


def num_wrong(
    prior: Prior, codes: Codes, sampling: Sampling, condition: Tensor | None
) -> tuple[int, int]:
    """How many codes are not what their uniforms ask for, and how many lie near an edge."""
    symbols = prior.symbols(codes)
    wrong = near = 0

    def judge(logits: Tensor, step: Step) -> Tensor:
        nonlocal wrong, near
        u = uniforms(SEED, step.image, step.ordinal)
        around = [
            choose_by_uniform(
                logits,
                step.legal,
                (u + shift).clamp(0, 1 - 2**-53),
                sampling.at(step.kind, step.depth),
            )
            for shift in (-TOLERANCE, TOLERANCE)
        ]
        drawn = symbols[step.image - FIRST, step.ordinal]
        clear = around[0] == around[1]
        near += int((~clear).sum())
        wrong += int((clear & (drawn != around[0])).sum())
        return drawn

    num_images = len(codes)
    with torch.no_grad():
        if sampling.guidance == 1:
            prior.generate(judge, num_images, condition, FIRST)
        else:
            assert condition is not None and prior.condition is not None
            null = torch.full_like(condition, prior.condition.vocab_size)
            guided = choose_guided(judge, sampling.guidance)
            prior.generate(guided, 2 * num_images, torch.cat([condition, null]), FIRST)
    return wrong, near


def sampled(prior: Prior, num_images: int, sampling: Sampling) -> tuple[int, int]:
    condition = conditions(prior, num_images)
    codes = prior.sample(num_images, SEED, sampling, condition, FIRST, mode="eager")
    return num_wrong(prior, codes, sampling, condition)


@pytest.mark.parametrize("num_images", [1, 7, 64])
@pytest.mark.parametrize("build", PRIORS.values(), ids=PRIORS.keys())
def test_every_code_is_what_its_uniform_picks_from_the_logits_of_the_reference(build, num_images):
    prior = excited(build())
    wrong, near = sampled(prior, num_images, Sampling())
    assert wrong == 0
    assert near <= 0.01 * num_images * prior.layout.max_codes + 1


@pytest.mark.parametrize("sampling", SETTINGS.values(), ids=SETTINGS.keys())
@pytest.mark.parametrize("build", [PRIORS["stacks"], PRIORS["raster, stacks"]])
def test_so_it_is_with_all_settings_of_sampling(build, sampling):
    wrong, near = sampled(excited(build()), 64, sampling)
    assert wrong == 0
    assert near <= 12


@pytest.mark.parametrize("guidance", [0.0, 2.5])
@pytest.mark.parametrize("build", [depth_stacked, raster])
def test_guided_images_follow_their_own_uniforms(build, guidance):
    prior = excited(build(STACKS, CLASSES))
    wrong, near = sampled(prior, 7, Sampling(guidance=guidance, top_k=20))
    assert wrong == 0
    assert near <= 3


@pytest.mark.parametrize("build", [depth_stacked, raster])
def test_eager_is_what_evaluation_uses_and_training_does_not(build, monkeypatch):
    prior = excited(build(STACKS))
    eager = prior.sample(7, SEED, mode="eager")
    monkeypatch.setattr(type(prior), "step", None)  # the reference cannot run
    assert torch.equal(prior.sample(7, SEED).values, eager.values)
    with pytest.raises(TypeError), torch.autocast("cpu", torch.bfloat16):
        prior.sample(7, SEED)
    prior.train()
    with pytest.raises(TypeError):
        prior.sample(7, SEED)


# Each of these must be seen by the test above, or it sees nothing.


@pytest.mark.parametrize("build", [depth_stacked, raster])
def test_a_cache_that_is_off_by_one_is_noticed(build, monkeypatch):
    step = decoding_stack.Layer.step

    def late(layer: decoding_stack.Layer, stream: Tensor, at: int) -> None:
        step(layer, stream, max(at - 1, 0))

    monkeypatch.setattr(decoding_stack.Layer, "step", late)
    assert sampled(excited(build(STACKS)), 64, Sampling())[0] > 20


@pytest.mark.parametrize("build", [depth_stacked, raster])
def test_a_slice_that_is_too_short_is_noticed(build, monkeypatch):
    class Short(attention.Slot):
        def __init__(self, newest: Tensor, keys: Tensor, values: Tensor) -> None:
            super().__init__(newest, keys[..., :2], values[:, :2])

    monkeypatch.setattr(attention, "Slot", Short)
    assert sampled(excited(build(STACKS)), 64, Sampling())[0] > 20


@pytest.mark.parametrize("build", [depth_stacked, raster])
def test_a_wrong_temperature_is_noticed(build):
    prior = excited(build(STACKS))
    codes = prior.sample(64, SEED, Sampling(temperature=1.1), first_image=FIRST)
    assert num_wrong(prior, codes, Sampling(), None)[0] > 20


@pytest.mark.parametrize("build", [depth_stacked, raster])
def test_places_that_are_off_by_one_are_noticed(build, monkeypatch):
    prior = excited(build(STACKS))
    at = Inputs.at
    monkeypatch.setattr(Inputs, "at", lambda inputs, vectors, place: at(inputs, vectors, place - 1))
    assert sampled(prior, 64, Sampling())[0] > 20


@pytest.mark.parametrize("places", [attention.FEW_PLACES, attention.FEW_PLACES + 1])
def test_both_ways_to_look_see_the_same(places):
    """One is for CPUs, the other for GPUs."""
    keys, values = torch.randn(2, 6, places, 8)
    slot = attention.Slot(keys[:, -1], keys.transpose(1, 2), values)
    query = torch.randn(6, 1, 8)
    with sdpa_kernel([SDPBackend.FLASH_ATTENTION]):  # fails where no fused kernel would do it
        expected = attention._look_fused(query, slot, 3)
    seen = attention._look(query * 8**-0.5, slot, 3)
    assert seen.shape == expected.shape
    assert torch.allclose(seen, expected, atol=1e-6)
