"""Mirrors rqbench/stages/prior_rates.py."""

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rqbench.codes import Codes, spread
from rqbench.condition_spec import ConditionSpec
from rqbench.layout import CodeLayout
from rqbench.metrics.rate import nominal_rates
from rqbench.models import load_prior
from rqbench.plugins import find, installed
from rqbench.prior import Prior
from rqbench.stages.encode_codes import read_codes
from rqbench.stages.prior_rates import PriorRates, prior_rates

GRAINS = CodeLayout(4, 4, 1, 8, (2, 1))


def prior(name: str, std: float, layout: CodeLayout = GRAINS):
    made = find("prior", name).load().tiny(layout).eval()
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
        found = prior_rates(model, held, labels, 1024, batch_size, "cpu").rates
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
        prior_rates(model, codes, torch.tensor([label]), 1024, 4, "cpu").rates["rate_prior_bpp"]
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
    found = prior_rates(prior(name, std=0.0), codes, None, 64, 2, "cpu").rates
    assert found["rate_prior_content_bpp"] == pytest.approx([13 * 3 / 64])
    assert found["rate_prior_side_bpp"] == pytest.approx([side / 64])
    assert found["rate_prior_bpp"] == pytest.approx([(13 * 3 + side) / 64])
    assert found["nll_bits_per_image"] == pytest.approx([13 * 3 + side])


def counted_bits(regions: list[int], num_grains: int) -> float:
    """Of telling which regions are of which grain, by counting what could be told at each turn:
    each grain but the last names a later region than before, or its end where there is one."""
    bits, left = 0.0, list(range(len(regions)))
    for grain in range(num_grains - 1):
        later = left
        for named in (region for region in left if regions[region] == grain):
            bits += math.log2(len(later) + 1)
            later = [region for region in later if region > named]
        bits += math.log2(len(later) + 1)
        left = [region for region in left if regions[region] != grain]
    return bits


@given(
    regions=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    depth=st.integers(1, 3),
    codebook_size=st.integers(2, 40),
    grains=st.sampled_from([(), (2, 1), (3, 1), (4, 2, 1)]),
    seed=st.integers(0, 2**31),
)
@settings(max_examples=25, deadline=None)
def test_any_uniform_prior_pays_nominal_codes_and_counts_what_could_tell_the_map(
    regions, depth, codebook_size, grains, seed
):
    height, width = (side * (grains[0] if grains else 1) for side in regions)
    layout = CodeLayout(height, width, depth, codebook_size, grains)
    torch.manual_seed(seed)
    values = torch.randint(codebook_size, (2, height, width, depth))
    grain_map = torch.randint(layout.num_grains, (2, *regions)) if grains else None
    if grain_map is not None:
        values = spread(values, grain_map, layout)
    codes = Codes(values, layout, grain_map)
    nominal = nominal_rates(codes, 64)
    for name, found in installed("prior").items():
        if not found.load().supports(layout):
            continue
        rates = prior_rates(prior(name, 0.0, layout), codes, None, 64, 2, "cpu").rates
        if not grains or name == "raster":
            for part in ("", "_content", "_side") if grains else ("",):
                expected = nominal[f"rate_nominal{part}_bpp"].tolist()
                assert rates[f"rate_prior{part}_bpp"] == pytest.approx(expected, rel=1e-5)
            continue
        expected = nominal["rate_nominal_content_bpp"].tolist()
        assert rates["rate_prior_content_bpp"] == pytest.approx(expected, rel=1e-5)
        counted = [counted_bits(row, layout.num_grains) for row in grain_map.flatten(1).tolist()]
        sides = [64 * side for side in rates["rate_prior_side_bpp"]]
        assert sides == pytest.approx(counted, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("name", ["raster", "coarse-to-fine", "dq-transformer"])
def test_parts_sum_to_the_whole(name):
    codes, model = dynamic([[1, 0], [0, 1]]), prior(name, std=0.5)
    found = prior_rates(model, codes, None, 64, 1, "cpu").rates
    parts = found["rate_prior_content_bpp"][0] + found["rate_prior_side_bpp"][0]
    with torch.no_grad():
        whole = -model.log_prob(codes).item() / math.log(2) / 64
    assert parts == pytest.approx(whole) == found["rate_prior_bpp"][0]


@pytest.mark.parametrize(
    ("name", "layout"),
    [
        ("depth-stacked", CodeLayout(8, 8, 2, 16)),
        ("raster", CodeLayout(8, 8, 2, 16, (4, 2, 1))),
        ("coarse-to-fine", CodeLayout(8, 8, 1, 16, (2, 1))),
        ("coarse-to-fine", CodeLayout(8, 8, 1, 16, (4, 2, 1))),
        ("dq-transformer", CodeLayout(8, 8, 1, 16, (2, 1))),
    ],
    ids=str,
)
def test_the_cells_of_an_image_sum_to_its_bits(name, layout):
    model, regions = prior(name, 0.3, layout), (3, *layout.region_grid)
    grain_map = torch.randint(layout.num_grains, regions) if layout.is_dynamic else None
    values = torch.randint(16, (3, 8, 8, layout.depth))
    if grain_map is not None:
        values = spread(values, grain_map, layout)
    codes = Codes(values, layout, grain_map)
    found = prior_rates(model, codes, None, 1, 2, "cpu")
    assert found.bit_maps.shape == (3, 8, 8)
    sums = found.bit_maps.sum(dim=(1, 2)).tolist()
    with torch.no_grad():
        assert sums == pytest.approx((-model.log_prob(codes) / math.log(2)).tolist(), rel=1e-6)
    assert sums == pytest.approx(found.rates["nll_bits_per_image"], rel=1e-12)
    assert found.bit_maps.amin() > 0  # what every place costs


def test_a_class_changes_the_map():
    model = find("prior", "raster").load().tiny(GRAINS, ConditionSpec(2)).eval()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    codes = dynamic([[1, 0], [0, 1]])[torch.tensor([0, 0, 0])]
    maps = prior_rates(model, codes, torch.tensor([0, 1, 0]), 64, 2, "cpu").bit_maps
    assert torch.allclose(maps[0], maps[2]) and not torch.allclose(maps[0], maps[1])


def test_a_prior_that_tells_no_places_has_rates_and_no_map(monkeypatch):
    model, codes = prior("raster", std=0.5), dynamic([[1, 0], [0, 1]])
    known, whole = model.symbol_nats, prior_rates(model, codes, None, 64, 1, "cpu")
    monkeypatch.setattr(model, "symbol_nats", lambda *given: replace(known(*given), cell=None))
    assert prior_rates(model, codes, None, 64, 1, "cpu") == PriorRates(whole.rates, None)


def test_where_only_the_slow_loop_tells_symbols_the_likelihood_is_of_the_whole(monkeypatch):
    layout = CodeLayout(4, 4, 1, 8)
    codes = Codes(torch.randint(8, (3, 4, 4, 1)), layout)
    model = prior("raster", 0.5, layout)
    known = prior_rates(model, codes, None, 64, 2, "cpu")
    monkeypatch.setattr(type(model), "symbol_nats", Prior.symbol_nats)
    monkeypatch.setattr(type(model), "generate", None)  # the loop
    found = prior_rates(model, codes, None, 64, 2, "cpu")
    assert found.bit_maps is None
    for metric, values in known.rates.items():
        assert found.rates[metric] == pytest.approx(values, rel=1e-6)
