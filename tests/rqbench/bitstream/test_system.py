"""Mirrors rqbench/bitstream/system.py."""

from dataclasses import replace

import pytest
import torch

from rqbench.bitstream.system import condition_of, model_id, rows_of, side_of
from rqbench.condition_spec import ConditionSpec
from rqbench.errors import ConfigError, UnsupportedError
from rqbench.layout import CodeLayout
from rqbench.plugins import find
from rqbench.sample import TrainedSystem


def with_condition(system: TrainedSystem, condition: ConditionSpec | None) -> TrainedSystem:
    raster = find("prior", "raster").load()
    prior = raster.tiny(system.prior.layout, condition).eval()
    return replace(system, prior=prior)


def test_a_model_is_named_by_weights_and_configs(system):
    others = [
        replace(system, weights_sha256={**system.weights_sha256, "prior": "0"}),
        replace(system, weights_sha256={**system.weights_sha256, "tokenizer": "0"}),
        replace(system, prior=find("prior", "depth-stacked").load().tiny(system.prior.layout)),
        replace(system, tokenizer=find("tokenizer", "rq").load().tiny()),
    ]
    assert len({model_id(each) for each in [system, *others]}) == 5
    assert model_id(replace(system, name="another name")) == model_id(system)


def test_the_side_is_that_of_the_priors_codes(system):
    assert side_of(system) == 16
    wide = find("prior", "raster").load().tiny(CodeLayout(4, 6, 1, 8))
    with pytest.raises(UnsupportedError, match="gives for no square image"):
        side_of(replace(system, prior=wide))


@pytest.mark.parametrize(
    ("spec", "name", "expected"),
    [
        (None, None, ()),
        (ConditionSpec(3), "2", (2,)),
        (ConditionSpec(3, null=True), None, (3,)),
        (ConditionSpec(3, 2, null=True), None, (3, 3)),
    ],
)
def test_a_prior_is_told_the_class_or_that_there_is_none(system, spec, name, expected):
    assert condition_of(with_condition(system, spec), name) == expected


@pytest.mark.parametrize(
    ("spec", "name", "error", "said"),
    [
        (None, "0", UnsupportedError, "has no classes"),
        (ConditionSpec(3), None, ConfigError, "needs a class. Name one as --class: 0, 1, 2"),
        (ConditionSpec(3), "4", ConfigError, "knows no class '4'"),
        (ConditionSpec(3, 2), "1", UnsupportedError, "condition of 2 integers"),
    ],
)
def test_a_class_that_is_missing_or_has_no_place_is_told(system, spec, name, error, said):
    with pytest.raises(error, match=said):
        condition_of(with_condition(system, spec), name)


def test_all_images_are_told_the_same():
    rows = rows_of((4, 2), 3, torch.device("cpu"))
    assert rows is not None
    assert rows.tolist() == [[4, 2]] * 3
    assert rows_of((), 3, torch.device("cpu")) is None
