"""Mirrors rqbench/stages/score_system.py."""

import json
import math

import pytest
import torch

from rqbench.compare import compare
from rqbench.models import load_prior
from rqbench.stages.encode_codes import read_codes
from rqbench.stages.score_system import held_out_bits


def test_bits_are_the_negative_log_likelihood_to_base_two(finished, setting):
    (folder,) = finished.run.glob("stages/prior-vq-4x4+raster-*")
    (codes,) = finished.run.glob("stages/codes-vq-4x4-*")
    model = load_prior(folder, "cpu")
    held, labels = read_codes(codes, "held_out", setting.layouts["vq-4x4"])
    with torch.no_grad():
        expected = (-model.log_prob(held) / math.log(2)).tolist()
    for batch_size in (4, 9):
        found = held_out_bits(model, held, labels, batch_size, "cpu")
        assert found == pytest.approx(expected, rel=1e-5)

    def of(metric):
        (record,) = (
            each
            for each in finished.records
            if (each.system, each.metric) == ("vq-4x4 + raster", metric)
        )
        return record.raw

    assert of("nll_bits_per_image") == pytest.approx(expected, rel=1e-5)
    assert of("rate_prior_bpp") == pytest.approx([bits / 1024 for bits in expected], rel=1e-5)


def test_the_rate_names_the_crops_of_its_own_prior(
    build_experiment, tmp_path, spoken, without_report
):
    """Codes are encoded once, for the prior that wants most of them."""
    few = ("priors.raster.training.crops=8",)
    experiment = build_experiment(
        ("rq-4x4x4", "raster"), ("rq-4x4x4", "depth-stacked"), overrides=few
    )
    outcome = compare(experiment, tmp_path / "run", spoken, "cpu")
    protocols = json.loads((outcome.run / "protocols.json").read_text())
    found = {
        record.system: protocols[record.protocol_hash]["clauses"]["training_crops"]
        for record in outcome.records
        if record.metric == "rate_prior_bpp"
    }
    assert found == {"rq-4x4x4 + raster": 8, "rq-4x4x4 + depth-stacked": 16}


def test_a_class_changes_the_bits(classes):
    from rqbench.experiment import SystemSpec
    from rqbench.stages.trial import random_codes, trial_prior

    model = trial_prior(classes, SystemSpec(tokenizer="vq-4x4", prior="raster")).eval()
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    codes = random_codes(classes, "vq-4x4", 1)
    first, second = (
        held_out_bits(model, codes, torch.tensor([label]), 4, "cpu")[0] for label in (0, 1)
    )
    assert first != second
