"""Mirrors rqbench/stages/recording.py."""

import math

import pytest
import torch

from rqbench.codes import Codes
from rqbench.errors import ConfigError
from rqbench.layout import CodeLayout
from rqbench.metrics.protocol import Protocol
from rqbench.stages.recording import Recorder, grain_records

PROTOCOL = Protocol(id="p", clauses={"a": 1})


def test_a_number_carries_where_it_comes_from(setting):
    record = Recorder(setting.provenance, "t", "p").number(
        "rate_prior_bpp", 0.5, PROTOCOL, 9, {"depth": 2}
    )
    assert (record.system, record.tokenizer, record.prior) == ("t + p", "t", "p")
    assert (record.unit, record.higher_is_better, record.n) == ("bpp", False, 9)
    assert (record.protocol, record.protocol_hash) == ("p", PROTOCOL.hash)
    assert (record.experiment, record.data, record.seed) == ("tiny", setting.data.name, 0)
    assert record.settings == {"depth": 2}
    assert record.environment == setting.environment_id
    assert Recorder(setting.provenance, "t").number("macs", 1.0, PROTOCOL).system == "t"


def test_a_mean_keeps_every_value_and_its_photograph(setting):
    record = Recorder(setting.provenance, "t").mean(
        "psnr_db", [1.0, 3.0, 8.0], PROTOCOL, ["a", "b", "b"]
    )
    assert (record.value, record.n) == (4.0, 3)
    assert record.raw == [1.0, 3.0, 8.0]
    assert record.clusters == ["a", "b", "b"]
    assert record.ci95 is not None
    assert record.ci95[0] < 4.0 < record.ci95[1]


def test_an_infinite_value_is_recorded_as_such(setting):
    record = Recorder(setting.provenance, "t").mean("psnr_db", [1.0, math.inf], PROTOCOL)
    assert record.value == math.inf


def test_a_metric_that_nobody_described_is_not_recorded(setting):
    with pytest.raises(ConfigError, match="No metric is called 'beauty'"):
        Recorder(setting.provenance, "t").number("beauty", 1.0, PROTOCOL)


def test_every_grain_has_its_share_at_each_operating_point(setting):
    layout = CodeLayout(4, 16, 1, 4, (4, 2, 1))
    zeros = torch.zeros(2, 4, 16, 1, dtype=torch.int64)
    codes = Codes(zeros, layout, torch.tensor([[[0, 1, 1, 2]], [[2, 2, 0, 2]]]))
    fine, *grains = grain_records(
        Recorder(setting.provenance, "t"),
        codes,
        PROTOCOL,
        ["a", "b"],
        {"threshold": 1.5},
        split="training",
    )
    assert (fine.metric, fine.value, fine.raw) == ("fine_ratio", 0.5, [0.25, 0.75])
    assert fine.settings == {"threshold": 1.5}
    assert [grain.settings for grain in grains] == [
        {"threshold": 1.5, "grain": number} for number in range(3)
    ]
    assert [grain.value for grain in grains] == [0.25, 0.25, 0.5]
    assert [grain.raw for grain in grains] == [[0.25, 0.25], [0.5, 0.0], [0.25, 0.75]]
    for record in (fine, *grains):
        assert (record.split, record.n, record.clusters) == ("training", 2, ["a", "b"])
        assert record.ci95 is not None
