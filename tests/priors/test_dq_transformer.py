"""Mirrors rqbench_priors/dq_transformer.py. What all priors must hold is in test_conformance.py,
what published weights must give in published/test_dq_transformer.py."""

import math

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from rqbench.api import CodeLayout, Codes, ConditionSpec, ConfigError, PriorBatch, UnsupportedError
from rqbench_priors.coarse_to_fine import CoarseToFine
from rqbench_priors.dq_network import DQTransformerConfig
from rqbench_priors.dq_rules import DQRules
from rqbench_priors.dq_transformer import DQTransformer
from rqbench_priors.generation import forced

LAYOUT = CodeLayout(4, 6, 1, 5, (2, 1))  # 6 regions, END is 6


def with_rules(prior: DQTransformer, **rules: str) -> DQTransformer:
    """The same weights, drawn by other rules."""
    config = prior.config.model_copy(update={"rules": DQRules(**rules)})
    twin = DQTransformer(config, prior.layout, condition=prior.condition).double().eval()
    twin.load_state_dict(prior.state_dict())
    return twin


def test_without_weights_a_symbol_costs_log_of_the_legal_choices():
    prior = DQTransformer.tiny(LAYOUT)
    for weight in prior.parameters():
        torch.nn.init.zeros_(weight)
    grain_map = torch.tensor([[[1, 0, 1], [1, 0, 1]]])
    codes = Codes(torch.zeros(1, 4, 6, 1, dtype=torch.int64), LAYOUT, grain_map)
    positions = math.log(7) + math.log(5) + math.log(2)  # 1, then 4 of 2 to 5, then END; 5 or END
    contents = 18 * math.log(5)  # ends, pads and start tokens have no probability
    assert prior.log_prob(codes).item() == pytest.approx(-positions - contents)


def test_symbols_are_those_of_the_coarse_to_fine_prior(random_codes):
    codes = random_codes(LAYOUT, 5)
    ours, theirs = DQTransformer.tiny(LAYOUT), CoarseToFine.tiny(LAYOUT)
    assert torch.equal(ours.symbols(codes), theirs.symbols(codes))


def test_sizes_follow_from_config_layout_and_condition():
    """(P + C)(12 d^2 + 13 d) + d (V + Vc + Vf + 2 + slots) + 4 d + d (V + Vf)."""
    config = DQTransformerConfig(
        width=8, heads=2, position_layers=1, content_layers=2, block_size=90
    )
    prior = DQTransformer(config, LAYOUT, condition=ConditionSpec(10))
    contents, regions, cells = 5 + 12, 6 + 12, 24 + 12
    tables = 8 * (contents + regions + cells + 2 + 90) + 8 * (contents + cells)
    expected = 3 * (12 * 64 + 13 * 8) + tables + 4 * 8
    assert sum(weight.numel() for weight in prior.parameters()) == expected


def test_the_table_of_slots_is_as_long_as_the_longest_image_needs():
    prior = DQTransformer.tiny(LAYOUT)
    assert len(prior.network.slots) == 24 + 4 - 1  # codes, starts and ends; the last is no input
    short = prior.config.model_copy(update={"block_size": 26})
    with pytest.raises(ConfigError, match=r"26.*27"):
        DQTransformer(short, LAYOUT)


@pytest.mark.parametrize(
    "layout",
    [CodeLayout(2, 2, 1, 5), CodeLayout(4, 4, 1, 5, (4, 2, 1)), CodeLayout(4, 4, 2, 5, (2, 1))],
)
def test_other_layouts_are_refused(layout):
    with pytest.raises(UnsupportedError, match="two grains"):
        DQTransformer.tiny(layout)


@pytest.mark.parametrize("spec", [None, ConditionSpec(4, 3)])
@pytest.mark.parametrize(
    "rules",
    [
        {"coarse_end": "pad"},
        {"coarse_context": "unshifted"},
        {"coarse_end": "pad", "coarse_context": "unshifted"},
    ],
)
def test_the_likelihood_is_that_of_drawing_whatever_the_transformers_see(
    lively, random_codes, rules, spec
):
    trained = lively(DQTransformer.tiny(LAYOUT, spec))
    prior, codes = with_rules(trained, **rules), random_codes(LAYOUT, 4)
    condition = torch.randint(4, (4, 3)) if spec else None
    symbols, terms = prior.symbols(codes), torch.zeros(4, dtype=torch.float64)
    choice = forced(symbols)

    def choose(logits, step):
        chosen = choice(logits, step)
        among = logits.masked_fill(~step.legal, -torch.inf).log_softmax(dim=-1)
        terms[step.image] += among.gather(1, chosen[:, None])[:, 0]
        return chosen

    assert torch.equal(prior.generate(choose, 4, condition).values, codes.values)
    expected = prior.log_prob(codes, condition)
    torch.testing.assert_close(terms, expected, atol=1e-9, rtol=0)
    assert not torch.allclose(trained.log_prob(codes, condition), expected)


@pytest.mark.parametrize(
    "rules", [{"coarse_order": "any"}, {"last_region": "never-coarse"}, {"fine_positions": "drawn"}]
)
def test_rules_that_leave_the_legal_one_give_no_likelihood_but_train(lively, random_codes, rules):
    trained, codes = lively(DQTransformer.tiny(LAYOUT)), random_codes(LAYOUT, 4)
    prior = with_rules(trained, **rules)
    for ask in (prior.log_prob, prior.symbols):
        with pytest.raises(UnsupportedError, match="no likelihood"):
            ask(codes)
    assert torch.equal(prior.loss(PriorBatch(codes)), trained.loss(PriorBatch(codes)))
    prior.sample(5, seed=0).check()


def test_drawn_fine_positions_may_end_early_and_leave_code_zero():
    """END has all the probability: no region is coarse and no cell is named."""
    prior = with_rules(DQTransformer.tiny(LAYOUT).double(), fine_positions="drawn")

    def choose(logits, step):
        return torch.full_like(step.image, logits.shape[1] - 1)

    codes = prior.generate(choose, 2)
    assert codes.grain_map is not None and codes.grain_map.all()
    assert not codes.values.any()


def test_the_published_loss_is_the_mean_over_the_batch_of_all_targets(lively, random_codes):
    codes = random_codes(LAYOUT, 3)
    prior = lively(DQTransformer.tiny(LAYOUT))
    published = prior.config.model_copy(update={"loss": "published"})
    twin = DQTransformer(published, LAYOUT).double().eval()
    twin.load_state_dict(prior.state_dict())
    where, what = (logits.log_softmax(dim=-1) for logits in prior.logits(codes))
    sums = torch.zeros(3, 2, dtype=torch.float64)  # coarse, fine, contents: sum and count
    for image in range(3):
        named = codes.grain_map[image].flatten().eq(0).nonzero()[:, 0].tolist()
        fine = [c for c in range(24) if codes.grain_map[image, c // 12, c % 6 // 2] == 1]
        values = codes.values[image].flatten().tolist()
        coarse_codes = [values[r // 3 * 12 + r % 3 * 2] for r in named]
        positions = [*named, 7, 26, *fine, 25]
        contents = [*coarse_codes, 6, 7, *(values[c] for c in fine), 6]
        for t, (position, content) in enumerate(zip(positions, contents, strict=True)):
            part = int(t > len(named))
            sums[part] += torch.stack([-where[image, t, position], torch.ones(())])
            sums[2] += torch.stack([-what[image, t, content], torch.ones(())])
    coarse, fine, contents = sums[:, 0] / sums[:, 1]
    assert twin.loss(PriorBatch(codes)).item() == pytest.approx(
        (contents + (coarse + fine) / 2).item()
    )


def test_soft_targets_are_refused(random_codes):
    codes = random_codes(LAYOUT, 1)
    batch = PriorBatch(codes, None, torch.full((1, 4, 6, 1, 5), 0.2))
    with pytest.raises(UnsupportedError, match="soft targets"):
        DQTransformer.tiny(LAYOUT).loss(batch)


@pytest.mark.parametrize("rules", [{"coarse_context": "unshifted"}, {"fine_positions": "drawn"}])
def test_operations_of_other_rules_are_those_that_torch_counts(lively, rules):
    """All regions are fine, and where cells are drawn, all of them are."""
    prior = with_rules(lively(DQTransformer.tiny(LAYOUT)), **rules)

    def choose(logits, step):
        is_region = logits.shape[1] == 7
        return torch.full((len(logits),), 6) if is_region else step.legal.byte().argmax(dim=1)

    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        prior.generate(choose, 2)
    phases = prior.cost(2)
    counted = {name: sum(kinds.values()) for name, kinds in counter.get_flop_counts().items()}
    assert phases["head"].operations == counted["Linear"]
    assert phases["position"].operations + phases["content"].operations == counted["Block"]
