"""Mirrors rqbench/stages/train_prior.py."""

import math

import pytest

from rqbench.compare import compare
from rqbench.trainer import read_log


def test_the_log_tells_the_loss_in_nats_a_code_and_bits_an_image(finished):
    (folder,) = finished.run.glob("stages/prior-rq-4x4x4+depth-stacked-*")
    for line in read_log(folder / "log.jsonl"):
        assert line["bits_per_image"] == pytest.approx(line["loss"] * 64 / math.log(2), rel=1e-5)


def test_classes_condition_training_sampling_and_rate(classes, tmp_path, spoken, without_report):
    outcome = compare(classes.experiment, tmp_path / "run", spoken, "cpu")
    assert not outcome.failed
    rates = [record for record in outcome.records if record.metric == "rate_prior_bpp"]
    assert [record.system for record in rates] == ["vq-4x4 + raster"]
    from rqbench.models import load_prior

    (folder,) = tmp_path.glob("run/stages/prior-*")
    assert load_prior(folder, "cpu").condition == classes.condition
