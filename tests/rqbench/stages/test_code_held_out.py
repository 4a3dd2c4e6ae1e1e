"""Mirrors rqbench/stages/code_held_out.py."""

import json

import pytest

from rqbench.bitstream.container import header_bytes
from rqbench.compare import compare
from rqbench.errors import UnsupportedError
from rqbench.stages import code_held_out as module

SYSTEM = "vq-4x4 + raster"


def of(outcome, metric, system=SYSTEM):
    (found,) = (each for each in outcome.records if (each.system, each.metric) == (system, metric))
    return found


def test_the_same_images_are_coded_by_each_system_and_cost_their_likelihood(finished, setting):
    chosen = setting.data.held_out().of_all_clusters(2).tolist()
    clusters = [setting.data.held_out().clusters[index] for index in chosen]
    for system in (SYSTEM, "rq-4x4x4 + depth-stacked"):
        coded, overhead = (
            of(finished, metric, system) for metric in ("rate_coded_bpp", "coding_overhead_bytes")
        )
        likelihood = [of(finished, "nll_bits_per_image", system).raw[index] for index in chosen]
        assert coded.clusters == overhead.clusters == clusters
        assert coded.images == overhead.images == chosen
        for bpp, more, bits in zip(coded.raw, overhead.raw, likelihood, strict=True):
            assert bpp * 1024 == pytest.approx(bits + 8 * more, abs=1e-3)
            # the header knows where a stream ends, so that by luck it is shorter than it should be
            assert -1 < more < 1 + 0.01 * bits / 8
        assert of(finished, "header_bytes", system).raw == [header_bytes(0)] * 2


def test_the_protocol_says_what_was_counted(finished):
    protocols = json.loads((finished.run / "protocols.json").read_text())
    clauses = protocols[of(finished, "rate_coded_bpp").protocol_hash]["clauses"]
    assert (clauses["coded"], clauses["training_crops"]) == (2, 16)
    assert clauses["bytes"] == "streams without headers, read back"


def test_a_prior_that_cannot_code_costs_nothing_but_its_coded_rate(
    two_systems, run_copy, spoken, without_report, monkeypatch
):
    def refuse(*_, **__):
        raise UnsupportedError("it has no sequence of symbols.")

    monkeypatch.setattr(module, "coded_rates", refuse)
    others = two_systems.measure.model_copy(update={"coded": 3})  # only that is done again
    experiment = two_systems.model_copy(update={"measure": others})
    outcome = compare(experiment, run_copy, spoken, "cpu")
    assert not outcome.failed
    metrics = {record.metric for record in outcome.records}
    assert "rate_prior_bpp" in metrics and "rate_coded_bpp" not in metrics
    said = spoken.file.getvalue()
    assert "coded/vq-4x4 + raster no coded rate: it has no sequence of symbols." in said


def test_a_class_is_told_to_the_prior(classes, spoken, tmp_path, monkeypatch):
    """The stage hands over the labels of the chosen crops."""
    from rqbench.pipeline import plan
    from rqbench.progress import Progress
    from rqbench.run_folder import RunFolder

    seen = []

    def look(model, codes, labels, names, *_):
        seen.append((labels.tolist(), names))
        raise UnsupportedError("that is enough.")

    monkeypatch.setattr(module, "coded_rates", look)
    stages, run = plan([classes]).stages, RunFolder(tmp_path / "run")
    with Progress(spoken, len(stages)) as progress:
        for stage in stages:
            if stage.name.split("/")[0] in ("tokenizer", "codes", "prior", "coded"):
                run.carry_out(stage, "cpu", progress)
    held_out = classes.data.held_out()
    chosen = held_out.of_all_clusters(2).tolist()
    ((labels, names),) = seen
    assert labels == [int(held_out.labels[index]) for index in chosen]
    assert names[0] == f"held-out crop {chosen[0]} ({held_out.clusters[chosen[0]]})"
