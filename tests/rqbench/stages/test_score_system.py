"""Mirrors rqbench/stages/score_system.py."""

import json

import pytest

from rqbench.compare import compare
from rqbench.metrics.fidelity import possible_scores
from rqbench.models import load_prior
from rqbench.stages.encode_codes import read_codes
from rqbench.stages.prior_rates import prior_rates


def test_a_system_has_the_rates_under_its_prior(finished, setting):
    (folder,) = finished.run.glob("stages/prior-vq-4x4+raster-*")
    (codes,) = finished.run.glob("stages/codes-vq-4x4-*")
    held, labels = read_codes(codes, "held_out", setting.layouts["vq-4x4"])
    rates = prior_rates(load_prior(folder, "cpu"), held, labels, 1024, 9, "cpu").rates
    found = {each.metric: each for each in finished.records if each.system == "vq-4x4 + raster"}
    for metric, values in rates.items():
        assert found[metric].raw == pytest.approx(values, rel=1e-5)


def test_samples_have_all_scores_that_their_number_allows(finished):
    found = {each.metric: each for each in finished.records if each.system == "vq-4x4 + raster"}
    allowed = set(possible_scores("effnetlite0", "samples")) - {"fd_corrected_effnetlite0"}
    assert allowed <= found.keys()
    assert "fd_corrected_effnetlite0" not in found  # 4 samples, 1280 features
    assert found["recall_effnetlite0"].settings == {"neighbours": 3, "n_reference": 9}


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
