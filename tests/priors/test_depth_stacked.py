"""Mirrors rqbench_priors/depth_stacked.py. What all priors must hold is in test_conformance.py."""

import math

import pytest
import torch

from rqbench.api import (
    CodeLayout,
    Codes,
    ConditionSpec,
    ConfigError,
    UnsupportedError,
    parse_config,
)
from rqbench_priors.depth_stacked import DepthStacked, DepthStackedConfig

STACKS = CodeLayout(2, 2, 3, 7)
CODEBOOK = torch.randn(3, 7, 6)
SMALL = {"body_layers": 1, "depth_layers": 1, "width": 16, "heads": 2}


def test_without_weights_a_code_costs_log_k():
    prior = DepthStacked.tiny(STACKS)
    for weight in prior.parameters():
        torch.nn.init.zeros_(weight)
    codes = Codes(torch.zeros(1, 2, 2, 3, dtype=torch.int64), STACKS)
    assert prior.log_prob(codes).item() == pytest.approx(-12 * math.log(7))


def test_each_depth_starts_warm_at_its_own_frequencies():
    prior = DepthStacked.tiny(STACKS)
    torch.nn.init.zeros_(prior.head.linear.weight)
    values = torch.zeros(1, 2, 2, 3, dtype=torch.int64)
    values[..., 1] = 6
    codes = Codes(values, STACKS)
    prior.warm_start(codes)
    assert prior.log_prob(codes).item() == pytest.approx(12 * math.log(5 / 11))


@pytest.mark.parametrize("bias_per_depth", [False, True])
def test_codebook_vectors_enter_summed_over_the_stack_and_cumulated_along_it(
    lively, bias_per_depth
):
    config = DepthStackedConfig(**SMALL, bias_per_depth=bias_per_depth)
    prior = lively(DepthStacked(config, STACKS, CODEBOOK))
    stacks = torch.randint(7, (1, 4, 3))
    body_in, depth_in = prior.body_codes.project, prior.depth_codes.project
    vectors = CODEBOOK.double()[torch.arange(3), stacks[0]]  # t d e
    rows = [prior.prefix(None, 1)[0, 0]]
    for t in range(3):
        bias = body_in.bias * (3 if bias_per_depth else 1)
        rows.append(vectors[t].sum(dim=0) @ body_in.weight.T + bias + prior.body_places[t])
    seen = prior.body(torch.stack(rows)[None])[0]
    total = 0.0
    for t in range(4):
        first = seen[t]
        second, third = depth_in(vectors[t, 0]), depth_in(vectors[t, 0] + vectors[t, 1])
        stream = torch.stack([first, second, third]) + prior.depth_places
        logits = prior.head(prior.depth_stack(stream[None]))[0]
        total += logits.log_softmax(dim=-1)[torch.arange(3), stacks[0, t]].sum().item()
    log_prob = prior.log_prob(Codes(stacks.view(1, 2, 2, 3), STACKS))
    assert log_prob.item() == pytest.approx(total, rel=1e-9)


def test_codebook_inputs_sample_what_they_score(lively):
    prior = lively(DepthStacked(DepthStackedConfig(**SMALL, bias_per_depth=True), STACKS, CODEBOOK))
    codes = prior.sample(3, seed=0)
    terms: dict[tuple[int, int], float] = {}

    def choose(logits, step):
        symbols = prior.symbols(codes)[step.image, step.ordinal]
        values = logits.log_softmax(dim=-1).gather(1, symbols[:, None])[:, 0]
        keys = zip(step.image.tolist(), step.ordinal.tolist(), strict=True)
        terms.update(zip(keys, values.tolist(), strict=True))
        return symbols

    prior.generate(choose, 3)
    assert sum(terms.values()) == pytest.approx(prior.log_prob(codes).sum().item(), rel=1e-9)


def test_one_code_a_position_needs_no_depth_layers(lively):
    layout = CodeLayout(2, 2, 1, 5)
    config = DepthStackedConfig(body_layers=1, depth_layers=0, width=8, heads=2, inputs="learned")
    prior = lively(DepthStacked(config, layout))
    assert prior.log_prob(prior.sample(2, seed=0)).isfinite().all()
    with pytest.raises(ConfigError, match="depth_layers to 1 or more"):
        DepthStacked(config, STACKS)


def test_codes_with_grains_are_refused():
    with pytest.raises(UnsupportedError, match="has grains"):
        DepthStacked.tiny(CodeLayout(2, 2, 1, 5, (2, 1)))


def test_a_bias_that_learned_inputs_lack_cannot_be_counted_twice():
    with pytest.raises(ConfigError, match="learned inputs have none"):
        parse_config(DepthStackedConfig, {"inputs": "learned", "bias_per_depth": True}, "prior")


@pytest.mark.parametrize(
    ("width", "heads", "layers", "codebook_size", "classes", "parameters"),
    [
        (1024, 16, (24, 4), 2048, None, 355_393_536),  # FFHQ
        (1536, 24, (42, 6), 16384, 1000, 1_387_529_728),  # ImageNet
    ],
)
def test_the_published_models_have_the_published_size(
    width, heads, layers, codebook_size, classes, parameters
):
    config = DepthStackedConfig(
        width=width,
        heads=heads,
        body_layers=layers[0],
        depth_layers=layers[1],
        output_bias="shared",
    )
    layout = CodeLayout(8, 8, 4, codebook_size)
    condition = ConditionSpec(classes) if classes else None
    with torch.device("meta"):
        prior = DepthStacked(config, layout, torch.empty(4, codebook_size, 256), condition)
    assert sum(weight.numel() for weight in prior.parameters()) == parameters
