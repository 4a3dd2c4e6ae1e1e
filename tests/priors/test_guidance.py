"""Guidance with our priors, against their teacher-forced passes; mirrors rqbench/guidance.py."""

import pytest
import torch

from rqbench.api import CodeLayout, Codes, ConditionSpec, Sampling, uniforms
from rqbench.plugins import find

SPEC = ConditionSpec(3, null=True)
NULL = 3
ENUMERABLE = [
    ("raster", CodeLayout(2, 1, 2, 3)),
    ("raster", CodeLayout(2, 4, 1, 2, (2, 1))),
    ("depth-stacked", CodeLayout(2, 1, 2, 3)),
    ("coarse-to-fine", CodeLayout(2, 4, 1, 2, (2, 1))),
]


def next_log_probs(
    prefix: list[int], symbols: torch.Tensor, terms: torch.Tensor
) -> dict[int, float]:
    """Of each symbol that may follow the prefix, read off whole sequences that begin with both."""
    begins = (symbols[:, : len(prefix)] == torch.tensor(prefix, dtype=torch.int64)).all(dim=1)
    rows = begins.nonzero()[:, 0]
    at = len(prefix)
    found = zip(symbols[rows, at].tolist(), terms[rows, at].tolist(), strict=True)
    return {symbol: term for symbol, term in found if symbol >= 0}


@pytest.mark.parametrize("guidance", [0.0, 0.4, 2.5])
@pytest.mark.parametrize(("name", "layout"), ENUMERABLE)
def test_each_guided_symbol_follows_from_two_separate_teacher_forced_passes(
    name, layout, guidance, lively, all_codes
):
    prior = lively(find("prior", name).load().tiny(layout, SPEC))
    every, num_images, seed = all_codes(layout), 12, 4
    symbols = prior.symbols(every)
    with torch.no_grad():
        own, without = (
            prior.symbol_log_probs(every, torch.full((len(every), 1), condition))
            for condition in (2, NULL)
        )
    condition = torch.full((num_images, 1), 2)
    drawn = prior.sample(num_images, seed, Sampling(guidance=guidance), condition, first_image=9)
    lengths = set()
    for image, row in enumerate(prior.symbols(drawn), start=9):
        known = [symbol for symbol in row.tolist() if symbol >= 0]
        lengths.add(len(known))
        for ordinal, symbol in enumerate(known):
            conditional = next_log_probs(known[:ordinal], symbols, own)
            unconditional = next_log_probs(known[:ordinal], symbols, without)
            candidates = sorted(conditional)
            c = torch.tensor([conditional[each] for each in candidates], dtype=torch.float64)
            u = torch.tensor([unconditional[each] for each in candidates], dtype=torch.float64)
            edges = (u + guidance * (c - u)).softmax(dim=0).cumsum(dim=0)
            point = uniforms(seed, torch.tensor([image]), torch.tensor([ordinal])).double()
            assert (edges - point).abs().min() > 1e-5  # no near tie, which rounding could decide
            assert candidates[int((edges <= point).sum())] == symbol
    assert (len(lengths) > 1) == layout.is_dynamic  # rows have ended at different lengths


def same(left: Codes, right: Codes) -> bool:
    maps = left.grain_map is None or torch.equal(left.grain_map, right.grain_map)
    return maps and torch.equal(left.values, right.values)


def test_guidance_1_is_plain_sampling_and_0_that_of_the_null_condition(prior_class, layout, lively):
    prior = lively(prior_class.tiny(layout, SPEC))
    condition, nothing = torch.randint(3, (60, 1)), torch.full((60, 1), NULL)
    plain = prior.sample(60, 1, None, condition)
    assert same(prior.sample(60, 1, Sampling(guidance=1.0), condition), plain)
    without = prior.sample(60, 1, None, nothing)
    assert same(prior.sample(60, 1, Sampling(guidance=0.0), condition), without)
    assert not same(plain, without)


def test_a_guided_image_does_not_depend_on_its_batch(prior_class, layout, lively):
    prior = lively(prior_class.tiny(layout, SPEC))
    condition, sampling = torch.randint(3, (7, 1)), Sampling(guidance=2.0, top_k=4)
    together = prior.sample(7, 1, sampling, condition)
    for first, count in ((0, 1), (1, 4), (5, 2)):
        rows = condition[first : first + count]
        assert same(prior.sample(count, 1, sampling, rows, first), together[first : first + count])


def test_only_priors_with_a_null_condition_have_a_row_for_it(prior_class, layout):
    with_null = prior_class.tiny(layout, SPEC).state_dict()
    without = prior_class.tiny(layout, ConditionSpec(3)).state_dict()
    other = {name for name in without if with_null[name].shape != without[name].shape}
    assert other
    assert all(len(with_null[name]) == len(without[name]) + 1 for name in other)
