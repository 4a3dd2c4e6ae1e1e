"""Every installed prior keeps the contract, on every layout here that it supports."""

from collections import defaultdict
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rqbench.api import CodeLayout, Codes, ConditionSpec, Prior, PriorBatch, Sampling, Step, spread
from rqbench.plugins import installed
from rqbench_priors.generation import forced

PRIORS = [found.load() for found in installed("prior").values()]
ENUMERABLE = [
    CodeLayout(2, 1, 2, 3),
    CodeLayout(2, 2, 1, 4),
    CodeLayout(2, 4, 1, 2, (2, 1)),
    CodeLayout(2, 6, 1, 2, (2, 1)),
    CodeLayout(2, 2, 2, 2, (2, 1)),
]


@pytest.fixture
def prior(prior_class, layout, lively) -> Prior:
    return lively(prior_class.tiny(layout))


def same(left: Codes, right: Codes) -> bool:
    maps = left.grain_map is None or torch.equal(left.grain_map, right.grain_map)
    return maps and torch.equal(left.values, right.values)


class Audit:
    """Forced symbols; keeps the log-probability that each had among the legal ones."""

    def __init__(self, symbols: torch.Tensor, first_image: int) -> None:
        self.choice, self.first_image = forced(symbols, first_image), first_image
        self.terms = torch.zeros(symbols.shape, dtype=torch.float64)
        self.calls = torch.zeros_like(symbols)

    def __call__(self, logits: torch.Tensor, step: Step) -> torch.Tensor:
        symbols = self.choice(logits, step)
        among = logits.masked_fill(~step.legal, -torch.inf).log_softmax(dim=-1)
        here = step.image - self.first_image, step.ordinal
        self.terms[here] = among.gather(1, symbols[:, None])[:, 0].double()
        self.calls[here] += 1
        return symbols


@pytest.mark.parametrize("num_tokens", [None, 1, 3])
def test_generating_known_symbols_gives_their_codes_and_their_likelihood(
    prior_class, layout, lively, random_codes, num_tokens
):
    spec = ConditionSpec(4, num_tokens) if num_tokens else None
    condition = torch.randint(4, (5, num_tokens)) if num_tokens else None
    prior = lively(prior_class.tiny(layout, spec))
    codes = random_codes(layout, 5)
    symbols = prior.symbols(codes)
    audit = Audit(symbols, first_image=3)
    assert same(prior.generate(audit, 5, condition, first_image=3), codes)
    assert torch.equal(audit.calls, (symbols >= 0).long())  # each symbol is asked for once
    expected = prior.log_prob(codes, condition).double()
    torch.testing.assert_close(audit.terms.sum(dim=1), expected, atol=1e-5, rtol=0)


def test_costs_of_symbols_are_those_that_the_sequential_loop_sees(prior, random_codes):
    codes = random_codes(prior.layout, 5)
    found, looped = prior.symbol_nats(codes), Prior.symbol_nats(prior, codes)
    torch.testing.assert_close(found.nats, looped.nats, atol=1e-5, rtol=0)
    assert torch.equal(found.is_side, looped.is_side)
    total = found.side() + found.content()
    torch.testing.assert_close(total, -prior.log_prob(codes).double(), atol=1e-9, rtol=0)


def test_symbols_stand_where_their_codes_and_regions_do(prior, random_codes):
    codes = random_codes(prior.layout, 5)
    layout, found, symbols = codes.layout, prior.symbol_nats(codes), prior.symbols(codes)
    cells = torch.arange(layout.height * layout.width).view(layout.height, layout.width)
    corners = cells[:: layout.region_size, :: layout.region_size].flatten().tolist()
    for image in range(5):
        stacks, told = defaultdict(list), []
        for cell, is_side, symbol in zip(
            *(column[image].tolist() for column in (found.cell, found.is_side, symbols)),
            strict=True,
        ):
            if symbol < 0:
                assert (cell, is_side) == (-1, False)
            elif is_side:
                told.append(cell)
            else:
                stacks[cell].append(symbol)
        own = cells[codes.code_mask()[image]].tolist()
        assert stacks == {cell: codes.values[image].flatten(0, 1)[cell].tolist() for cell in own}
        grains = codes.grain_map[image].flatten().tolist() if layout.is_dynamic else []
        every = list(range(len(grains)))
        coarse = sorted((grain, region) for region, grain in enumerate(grains))
        named = [region for grain, region in coarse if grain < layout.num_grains - 1]
        assert [corners.index(cell) for cell in told if cell >= 0] in (every, named)


@pytest.mark.parametrize("spec", [None, ConditionSpec(3), ConditionSpec(2, null=True)])
@pytest.mark.parametrize(
    ("layout", "prior_class"),
    [(layout, kind) for layout in ENUMERABLE for kind in PRIORS if kind.supports(layout)],
    ids=lambda value: str(value) if isinstance(value, CodeLayout) else value.__name__,
)
def test_probabilities_of_all_legal_codes_sum_to_one(prior_class, layout, lively, all_codes, spec):
    prior = lively(prior_class.tiny(layout, spec))
    codes = all_codes(layout)
    condition = torch.full((len(codes), 1), 2) if spec else None  # class 2, or the null condition
    with torch.no_grad():
        total = prior.log_prob(codes, condition).exp().sum()
    assert total.item() == pytest.approx(1, abs=1e-6)


def test_the_likelihood_of_an_image_does_not_depend_on_its_batch(prior, random_codes):
    codes = random_codes(prior.layout, 6)
    together = prior.log_prob(codes)
    alone = torch.cat([prior.log_prob(codes[i : i + 1]) for i in range(6)])
    torch.testing.assert_close(together, alone, rtol=1e-10, atol=1e-10)


def test_a_sample_does_not_depend_on_its_batch(prior):
    sampling = Sampling(top_k=4, top_p=0.95)
    together = prior.sample(7, seed=1, sampling=sampling)
    parts = [(0, 1), (1, 4), (5, 2)]
    for first, count in parts:
        part = prior.sample(count, seed=1, sampling=sampling, first_image=first)
        assert same(part, together[first : first + count])


def test_samples_keep_the_layout_and_follow_the_seed(prior):
    codes = prior.sample(8, seed=1)
    codes.check()
    assert codes.layout == prior.layout
    assert same(codes, prior.sample(8, seed=1))
    assert not same(codes, prior.sample(8, seed=2))


def test_no_images_are_no_codes(prior):
    assert len(prior.sample(0, seed=0)) == 0


def test_training_reaches_every_weight(prior, random_codes):
    prior.train().loss(PriorBatch(random_codes(prior.layout, 16))).backward()
    without = [name for name, weight in prior.named_parameters() if weight.grad is None]
    assert not without


@pytest.mark.parametrize("name", ["dropout", "attention_dropout", "embedding_dropout"])
def test_dropout_is_random_by_the_seed_in_training_and_off_in_eval(
    prior_class, layout, name, lively, random_codes
):
    plain = lively(prior_class.tiny(layout))
    config = plain.config.model_copy(update={name: 0.5})
    dropping = prior_class(config, layout).double().eval()
    dropping.load_state_dict(plain.state_dict())
    codes = random_codes(layout, 4)
    assert torch.equal(dropping.log_prob(codes), plain.log_prob(codes))
    losses = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        losses.append(dropping.train().loss(PriorBatch(codes)).item())
    assert losses[0] == losses[1] != losses[2]


def test_a_warm_start_lowers_the_loss_on_lopsided_codes(prior_class, layout, request):
    if prior_class.warm_start is Prior.warm_start:
        why = "it has no output biases to start from, as published"
        request.applymarker(pytest.mark.xfail(strict=True, reason=why))
    prior = prior_class.tiny(layout)
    values = torch.zeros(20, layout.height, layout.width, layout.depth, dtype=torch.int64)
    grain_map = torch.zeros(20, *layout.region_grid, dtype=torch.int64)
    codes = Codes(values, layout, grain_map if layout.is_dynamic else None)
    before = prior.loss(PriorBatch(codes))
    prior.warm_start(codes)
    assert prior.loss(PriorBatch(codes)) < before / 2


def test_a_state_dict_is_all_of_it(prior_class, prior, random_codes):
    twin = prior_class.tiny(prior.layout).double().eval()
    twin.load_state_dict(prior.state_dict())
    codes = random_codes(prior.layout, 3)
    assert torch.equal(prior.log_prob(codes), twin.log_prob(codes))


@st.composite
def maps(draw: Any) -> tuple[tuple[int, ...], int, list[list[int]]]:
    """Grain sizes, a depth and any map."""
    sizes = draw(st.sampled_from([(2, 1), (3, 1), (4, 2, 1)]))
    columns = draw(st.integers(1, 2))
    row = st.lists(st.integers(0, len(sizes) - 1), min_size=columns, max_size=columns)
    return sizes, draw(st.integers(1, 2)), draw(st.lists(row, min_size=1, max_size=2))


@settings(max_examples=15, deadline=None)
@given(maps())
def test_generate_undoes_symbols_for_any_map(drawn):
    sizes, depth, rows = drawn
    grain_map = torch.tensor([rows])
    layout = CodeLayout(len(rows) * sizes[0], len(rows[0]) * sizes[0], depth, 7, sizes)
    values = torch.randint(7, (1, layout.height, layout.width, depth))
    codes = Codes(spread(values, grain_map, layout), layout, grain_map)
    for kind in PRIORS:
        if kind.supports(layout):
            prior = kind.tiny(layout)
            assert same(prior.generate(forced(prior.symbols(codes)), 1), codes)
