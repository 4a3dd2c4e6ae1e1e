"""Mirrors rqbench/evaluate/bit_places.py."""

from dataclasses import replace

import pytest
import torch

from rqbench.evaluate.bit_places import BitPlaces
from rqbench.evaluate.prior_rate import PriorRate
from rqbench.metrics.bit_correlations import bit_correlations
from rqbench.plugins import find
from rqbench.prior import ConditionSpec
from rqbench.stages.bit_maps import prior_bit_maps

NAMES = ["2/a.png", "0/b.png"]


@pytest.fixture
def tokenizer():
    return find("tokenizer", "vq").load().tiny().eval()


@pytest.fixture
def rate(tokenizer):
    layout = tokenizer.layout(16)
    prior = find("prior", "raster").load().tiny(layout, ConditionSpec(3)).eval()
    for weight in prior.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    return PriorRate(prior, 256, {"2/a.png": 2, "0/b.png": 0})


@pytest.fixture
def batch(tokenizer):
    """Codes, names, pixels, reconstructions and device."""
    pixels, restored = (torch.randint(256, (2, 3, 16, 16), dtype=torch.uint8) for _ in range(2))
    with torch.no_grad():
        codes = tokenizer.encode(pixels / 255)
    return codes, NAMES, pixels, restored, "cpu"


def test_each_image_is_correlated_under_its_own_class(rate, batch):
    codes, _, pixels, restored, _ = batch
    places = BitPlaces(rate)
    found = places.of(*batch)
    maps = prior_bit_maps(rate.prior, codes, torch.tensor([2, 0]), 2, "cpu")
    assert places.patch_px == 4  # 16 px in 4 x 4 cells
    expected = bit_correlations(maps, pixels, restored, 4)
    for metric, values in expected.items():
        assert [image[metric] for image in found] == values


def test_an_image_without_detail_has_no_correlation_with_it(rate, batch):
    codes, names, pixels, restored, device = batch
    pixels[1] = 9
    first, second = BitPlaces(rate).of(codes, names, pixels, restored, device)
    assert first.keys() == {"bits_entropy_rank_correlation", "bits_error_rank_correlation"}
    assert second.keys() == {"bits_error_rank_correlation"}


def test_without_a_rate_there_is_nothing_to_say(batch):
    places = BitPlaces(PriorRate())
    assert places.of(*batch) == [{}, {}]
    assert (places.note, places.patch_px) == ("", 0)


def test_a_prior_that_tells_no_places_is_asked_once_and_named(rate, batch, monkeypatch):
    known, asked = rate.prior.symbol_nats, []

    def nowhere(*given):
        asked.append(given)
        return replace(known(*given), cell=None)

    monkeypatch.setattr(rate.prior, "symbol_nats", nowhere)
    places = BitPlaces(rate)
    assert [places.of(*batch) for _ in range(2)] == [[{}, {}]] * 2
    assert places.note.startswith("no map of bits: This prior says what its symbols cost")
    assert len(asked) == 1
