"""Mirrors rqbench/speed/floor.py."""

from unittest.mock import Mock

import pytest
import torch

from rqbench.codes import Codes, spread
from rqbench.errors import UnsupportedError
from rqbench.layout import CodeLayout
from rqbench.phase_cost import PhaseCost
from rqbench.prior import Prior
from rqbench.speed.device_rates import DeviceRates
from rqbench.speed.floor import find_floor, mean_grains

RATES = DeviceRates(1000.0, 10_000.0, 50_000.0, 1, (1, 1, 1), (1, 1, 1))
FLAT = CodeLayout(2, 2, 1, 5)
CODES = Codes(torch.zeros(4, 2, 2, 1, dtype=torch.int64), FLAT)


def test_each_phase_takes_the_longer_of_its_bytes_and_its_operations():
    """Body: 2 s of bytes against 1 s; head: 0.1 s against 3 s; of four images."""
    cost = {"body": PhaseCost(2000, 10_000, 70), "head": PhaseCost(100, 30_000)}
    prior = Mock(
        spec=Prior, cost=lambda batch, counts: cost if (batch, counts) == (4, None) else {}
    )
    found = find_floor(prior, len(CODES), mean_grains(CODES), 25_000, RATES)
    assert found.phases == {"body": 500.0, "head": 750.0}
    assert found.bound == {"body": "bytes", "head": "operations"}
    assert (found.prior, found.decoder, found.cache_bytes) == (1250.0, 500.0, 70)


def test_a_prior_that_does_not_count_has_no_floor_but_its_decoder_has():
    def refuse(batch, counts):
        raise UnsupportedError("no count")

    found = find_floor(Mock(spec=Prior, cost=refuse), len(CODES), None, 25_000, RATES)
    assert (found.phases, found.prior, found.decoder) == (None, None, 500.0)


@pytest.mark.parametrize(
    ("maps", "expected"),
    [
        ([[[0, 1], [1, 1]], [[0, 0], [1, 1]]], (2, 2)),  # 5 fine ones in two images: 2 each
        ([[[1, 1], [1, 1]]], (0, 4)),
    ],
)
def test_of_dynamic_codes_the_mean_regions_of_each_grain_count_rounded_to_the_low_side(
    maps, expected
):
    layout = CodeLayout(4, 4, 1, 5, (2, 1))
    grain_map = torch.tensor(maps)
    values = torch.zeros(len(maps), 4, 4, 1, dtype=torch.int64)
    assert mean_grains(Codes(spread(values, grain_map, layout), layout, grain_map)) == expected
    assert mean_grains(CODES) is None
