"""Mirrors rqbench_priors/raster_config.py, and the options that it has of published priors."""

from typing import Any

import pytest
import torch

from rqbench.api import (
    CodeLayout,
    Codes,
    ConditionSpec,
    ConfigError,
    Prior,
    UnsupportedError,
    parse_config,
)
from rqbench_priors.generation import forced
from rqbench_priors.raster import Raster
from rqbench_priors.raster_config import RasterConfig

FLAT, STACKS = CodeLayout(2, 2, 1, 5), CodeLayout(2, 1, 2, 5)
OWN = {"places": "input"}
SHARED = {"places": "input", "condition_in": "codes"}
SPECS = [None, ConditionSpec(4), ConditionSpec(5, 3)]


def raster(
    options: dict[str, Any], layout: CodeLayout = FLAT, spec: ConditionSpec | None = None
) -> Raster:
    config = {"layers": 2, "width": 16, "heads": 2} | options
    codebook = torch.randn(layout.depth, layout.codebook_size, 6)
    return Raster(parse_config(RasterConfig, config, "prior"), layout, codebook, spec)


def condition(spec: ConditionSpec | None, count: int) -> torch.Tensor | None:
    return torch.randint(spec.vocab_size, (count, spec.length)) if spec else None


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("layout", [FLAT, STACKS], ids=str)
@pytest.mark.parametrize(
    "options", [OWN, SHARED, SHARED | {"inputs": "codebook"}, SHARED | {"num_places": 20}]
)
def test_it_samples_what_it_scores_and_scores_sum_to_one(lively, all_codes, options, layout, spec):
    prior: Prior = lively(raster(options, layout, spec))
    codes = prior.sample(6, 0, condition=(rows := condition(spec, 6)))
    terms = torch.zeros(6, 4, dtype=torch.float64)
    repeat = forced(prior.symbols(codes))

    def choose(logits, step):
        symbols = repeat(logits, step)
        terms[step.image, step.ordinal] = logits.log_softmax(-1).gather(1, symbols[:, None])[:, 0]
        return symbols

    assert torch.equal(prior.generate(choose, 6, rows).values, codes.values)
    torch.testing.assert_close(terms.sum(dim=1), prior.log_prob(codes, rows))
    every = all_codes(layout)
    one = None if rows is None else rows[:1].expand(len(every), -1)
    with torch.no_grad():
        assert prior.log_prob(every, one).exp().sum().item() == pytest.approx(1, abs=1e-9)


def test_an_input_carries_its_own_place_and_a_condition_is_a_code(lively):
    prior = lively(raster(SHARED, spec=ConditionSpec(5, 2)))
    codes = Codes(torch.tensor([3, 0, 2, 1]).view(1, 2, 2, 1), FLAT)
    rows = prior.codes.table[0][[4, 1, 3, 0, 2]] + prior.input_places
    expected = prior.content_head(prior.stack(rows[None])[:, 1:, None])[:, :, 0]
    torch.testing.assert_close(prior.logits(codes, torch.tensor([[4, 1]])), expected)


def test_the_start_code_begins_a_sequence_without_condition(lively):
    codes = Codes(torch.randint(5, (3, 2, 2, 1)), FLAT)
    started = lively(raster(SHARED | {"start_code": 2}))
    conditioned = lively(raster(SHARED, spec=ConditionSpec(5)))
    conditioned.load_state_dict(started.state_dict())
    torch.testing.assert_close(
        started.log_prob(codes), conditioned.log_prob(codes, torch.full((3, 1), 2))
    )


def test_places_are_as_many_as_inputs_unless_more_are_asked_for():
    assert len(raster(OWN).input_places) == 4
    assert len(raster(OWN, spec=ConditionSpec(3, 7)).input_places) == 7 + 4 - 1
    assert len(raster(OWN | {"num_places": 9}).input_places) == 9
    assert not raster(OWN).input_places.any()  # as published


def test_with_conditions_in_the_codes_there_is_no_table_for_them():
    prior = raster(SHARED, spec=ConditionSpec(5, 3))
    assert {name.partition(".")[0] for name in prior.state_dict()} == {
        "codes", "input_places", "stack", "content_head",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "spec", "said"),
    [
        (OWN | {"num_places": 3}, None, "have 4 inputs. Set it to 4"),
        (OWN | {"num_places": 9}, ConditionSpec(3, 7), "have 10 inputs"),
        (SHARED, ConditionSpec(6), "needs 6 codes, and there are 5"),
        (SHARED, ConditionSpec(5, null=True), "needs 6 codes"),
        (SHARED | {"start_code": 5}, None, "needs 6 codes"),
        ({"condition_in": "codes"}, None, "set places: input too"),
        ({"num_places": 9}, None, "set places: input or leave it out"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, spec, said):
    with pytest.raises(ConfigError, match=said):
        raster(options, spec=spec)


def test_dynamic_codes_have_no_input_places():
    with pytest.raises(UnsupportedError, match="Set places: target"):
        raster(OWN, CodeLayout(2, 2, 1, 5, (2, 1)))
