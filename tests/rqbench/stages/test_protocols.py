"""Mirrors rqbench/stages/protocols.py."""

from dataclasses import replace

import pytest

from rqbench.choice import Sampling
from rqbench.metrics.extractor import find_extractor
from rqbench.stages.protocols import (
    coded_protocol,
    cost_protocol,
    distortion_protocol,
    rate_protocol,
    sample_protocol,
    usage_protocol,
)


@pytest.mark.parametrize(
    ("protocol", "key", "value"),
    [
        (distortion_protocol, "resolution", 64),
        (distortion_protocol, "held_out", 8),
        (lambda setting: rate_protocol(setting, 16), "resolution", 64),
        (cost_protocol, "resolution", 64),
    ],
)
def test_numbers_measured_otherwise_have_another_protocol(setting, protocol, key, value):
    data = setting.experiment.data.model_copy(update={key: value})
    other = replace(setting, experiment=setting.experiment.model_copy(update={"data": data}))
    assert protocol(setting).hash == protocol(replace(setting)).hash
    assert protocol(setting).hash != protocol(other).hash


def test_what_models_of_codes_are_fitted_on_is_part_of_the_protocol(setting):
    assert rate_protocol(setting, 1).hash != rate_protocol(setting, 2).hash
    assert usage_protocol(setting, 1).hash != usage_protocol(setting, 2).hash
    assert coded_protocol(setting, 1).hash != coded_protocol(setting, 2).hash


def test_cost_depends_on_the_kind_of_device_and_not_on_its_number(setting):
    hashes = [
        cost_protocol(replace(setting, device=device)).hash for device in ("cpu", "cuda", "cuda:1")
    ]
    assert hashes[0] != hashes[1] == hashes[2]


@pytest.mark.parametrize("changed", [{"guidance": 2.0}, {"top_k": 3}, {"temperature": 0.9}])
def test_samples_drawn_otherwise_have_another_protocol(setting, changed):
    extractor = find_extractor("cpu")
    plain, again, other = (
        sample_protocol(setting, extractor, 8, sampling)
        for sampling in (Sampling(), Sampling(), Sampling(**changed))
    )
    assert plain.hash == again.hash != other.hash
