"""Mirrors rqbench/bitstream/round_trip.py."""

import pytest
import torch

from rqbench.bitstream import DamagedPayloadError, RoundTripError, coded_bytes, encode_codes
from rqbench.bitstream import round_trip as module
from rqbench.codes import Codes
from rqbench.layout import CodeLayout
from rqbench.plugins import find

GRAINS = CodeLayout(2, 4, 1, 5, (2, 1))
NAMES = ["a.png", "b.png", "c.png"]


@pytest.fixture
def prior():
    return find("prior", "coarse-to-fine").load().tiny(GRAINS).eval()


@pytest.fixture
def codes():
    values = torch.randint(5, (3, 2, 4, 1))
    return Codes(values, GRAINS, torch.ones(3, 1, 2, dtype=torch.int64))


def test_bytes_are_those_of_the_streams_and_each_image_is_told_twice(prior, codes):
    told = []
    found = coded_bytes(prior, codes, None, NAMES, told.append)
    assert found == [len(stream) for stream in encode_codes(prior, codes)]
    assert sum(told) == 6


@pytest.mark.parametrize("lost", ["values", "grain_map"])
def test_codes_that_come_back_as_others_are_an_error_that_names_the_image(
    prior, codes, monkeypatch, lost
):
    def damaged(*_):
        values, grains = torch.zeros_like(codes.values), torch.ones_like(codes.grain_map)
        values[:], grains[:] = codes.values, codes.grain_map
        if lost == "values":
            values[1, 0, 0] = (values[1, 0, 0] + 1) % 5
        else:
            values[1, :, :2], grains[1, 0, 0] = values[1, 0, 0], 0
        return Codes(values, GRAINS, grains)

    monkeypatch.setattr(module, "decode_codes", damaged)
    with pytest.raises(RoundTripError, match=r"^b\.png did not come back"):
        coded_bytes(prior, codes, None, NAMES)


def test_streams_that_cannot_be_read_name_all_images(prior, codes, monkeypatch):
    def unreadable(*_):
        raise DamagedPayloadError("no")

    monkeypatch.setattr(module, "decode_codes", unreadable)
    with pytest.raises(RoundTripError, match=r"^One of the images a\.png, b\.png, c\.png did not"):
        coded_bytes(prior, codes, None, NAMES)
