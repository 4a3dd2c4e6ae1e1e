"""Mirrors rqbench/stages/prior_rates.py."""

import math

import pytest
import torch

from rqbench.codes import Codes, spread
from rqbench.layout import CodeLayout
from rqbench.models import load_prior
from rqbench.plugins import find
from rqbench.stages.encode_codes import read_codes
from rqbench.stages.prior_rates import prior_rates

GRAINS = CodeLayout(4, 4, 1, 8, (2, 1))


def prior(name: str, std: float):
    made = find("prior", name).load().tiny(GRAINS).eval()
    torch.manual_seed(0)
    for weight in made.parameters():
        torch.nn.init.normal_(weight, std=std)
    return made


def dynamic(grain_map: list[list[int]]) -> Codes:
    """Zeros under one map."""
    grains = torch.tensor([grain_map])
    return Codes(spread(torch.zeros(1, 4, 4, 1, dtype=torch.int64), grains, GRAINS), GRAINS, grains)


def test_bits_are_the_negative_log_likelihood_to_base_two_and_over_pixels(finished, setting):
    (folder,) = finished.run.glob("stages/prior-vq-4x4+raster-*")
    (codes,) = finished.run.glob("stages/codes-vq-4x4-*")
    model = load_prior(folder, "cpu")
    held, labels = read_codes(codes, "held_out", setting.layouts["vq-4x4"])
    with torch.no_grad():
        expected = (-model.log_prob(held) / math.log(2)).tolist()
    for batch_size in (4, 9):
        found = prior_rates(model, held, labels, 1024, batch_size, "cpu")
        assert found.keys() == {"nll_bits_per_image", "rate_prior_bpp"}
        assert found["nll_bits_per_image"] == pytest.approx(expected, rel=1e-5)
        assert found["rate_prior_bpp"] == pytest.approx([n / 1024 for n in expected], rel=1e-5)


def test_a_class_changes_the_bits(classes):
    from rqbench.experiment import SystemSpec
    from rqbench.stages.trial import random_codes, trial_prior

    model = trial_prior(classes, SystemSpec(tokenizer="vq-4x4", prior="raster")).eval()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    codes = random_codes(classes, "vq-4x4", 1)
    first, second = (
        prior_rates(model, codes, torch.tensor([label]), 1024, 4, "cpu")["rate_prior_bpp"]
        for label in (0, 1)
    )
    assert first != second


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("raster", 4.0),
        ("coarse-to-fine", math.log2(5 * 3)),
        ("dq-transformer", math.log2(5 * 3)),
    ],
)
def test_a_uniform_prior_pays_nominal_codes_and_a_choice_for_each_symbol_of_the_map(name, side):
    """Of the four regions the second is coarse: of five symbols it is named, of three the end."""
    codes = dynamic([[1, 0], [1, 1]])
    found = prior_rates(prior(name, std=0.0), codes, None, 64, 2, "cpu")
    assert found["rate_prior_content_bpp"] == pytest.approx([13 * 3 / 64])
    assert found["rate_prior_side_bpp"] == pytest.approx([side / 64])
    assert found["rate_prior_bpp"] == pytest.approx([(13 * 3 + side) / 64])
    assert found["nll_bits_per_image"] == pytest.approx([13 * 3 + side])


@pytest.mark.parametrize("name", ["raster", "coarse-to-fine", "dq-transformer"])
def test_parts_sum_to_the_whole(name):
    codes, model = dynamic([[1, 0], [0, 1]]), prior(name, std=0.5)
    found = prior_rates(model, codes, None, 64, 1, "cpu")
    parts = found["rate_prior_content_bpp"][0] + found["rate_prior_side_bpp"][0]
    with torch.no_grad():
        whole = -model.log_prob(codes).item() / math.log(2) / 64
    assert parts == pytest.approx(whole) == found["rate_prior_bpp"][0]
