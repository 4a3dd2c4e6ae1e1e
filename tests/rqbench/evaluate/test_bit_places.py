"""Mirrors rqbench/evaluate/bit_places.py."""

from dataclasses import replace

import pytest
import torch

from rqbench.evaluate.bit_places import BitPlaces
from rqbench.metrics.bit_correlations import bit_correlations
from rqbench.plugins import find
from rqbench.stages.prior_rates import prior_rates


@pytest.fixture
def batch():
    """Rates, codes, pixels and reconstructions."""
    tokenizer = find("tokenizer", "vq").load().tiny().eval()
    prior = find("prior", "raster").load().tiny(tokenizer.layout(16)).eval()
    for weight in prior.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    pixels, restored = (torch.randint(256, (2, 3, 16, 16), dtype=torch.uint8) for _ in range(2))
    with torch.no_grad():
        codes = tokenizer.encode(pixels / 255)
    return prior_rates(prior, codes, None, 256, 2, "cpu"), codes, pixels, restored


def test_each_image_has_the_correlations_of_its_map(batch):
    rates, _, pixels, restored = batch
    places = BitPlaces()
    found = places.of(*batch)
    assert places.patch_px == 4  # 16 px in 4 x 4 cells
    expected = bit_correlations(rates.bit_maps, pixels, restored, 4)
    for metric, values in expected.items():
        assert [image[metric] for image in found] == values


def test_an_image_without_detail_has_no_correlation_with_it(batch):
    rates, codes, pixels, restored = batch
    pixels[1] = 9
    first, second = BitPlaces().of(rates, codes, pixels, restored)
    assert first.keys() == {"bits_entropy_rank_correlation", "bits_error_rank_correlation"}
    assert second.keys() == {"bits_error_rank_correlation"}


def test_without_a_rate_there_is_nothing_to_say(batch):
    places = BitPlaces()
    assert places.of(None, *batch[1:]) == [{}, {}]
    assert (places.note, places.patch_px) == ("", 0)


def test_a_prior_that_tells_no_places_is_named(batch):
    rates, *others = batch
    places = BitPlaces()
    assert places.of(replace(rates, bit_maps=None), *others) == [{}, {}]
    assert places.note.startswith("no map of bits: This prior says what its symbols cost")
