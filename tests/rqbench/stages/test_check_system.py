"""Mirrors rqbench/stages/check_system.py. Pairs that do not fit: tests/rqbench/test_pipeline.py."""

import pytest

from rqbench.errors import ConfigError
from rqbench.stages.check_system import check_system
from rqbench.stages.setting import Setting

SOFT = "priors.{}.training={{soft_targets: {{temperature: 0.5}}}}"


@pytest.fixture
def check(setting, build_experiment):
    """Check one system of the preset `tiny` with overrides, on data with classes or without."""

    def run(tokenizer: str, prior: str, *overrides: str, data: Setting = setting) -> None:
        experiment = build_experiment((tokenizer, prior), overrides=overrides)
        changed = Setting(experiment, data.data, "cpu")
        check_system(changed, experiment.systems[0])

    return run


def test_soft_targets_go_with_fixed_grids(check):
    check("rq-4x4x4", "depth-stacked", SOFT.format("depth-stacked"))
    check("vq-4x4", "raster", SOFT.format("raster"))


@pytest.mark.parametrize("prior", ["coarse-to-fine", "raster"])
def test_a_tokenizer_without_soft_codes_is_refused_before_any_work(check, prior):
    with pytest.raises(ConfigError, match=r"'dq-4x4-8x8' gives no soft codes.*to null"):
        check("dq-4x4-8x8", prior, SOFT.format(prior))


def test_a_prior_that_cannot_use_soft_targets_is_refused_before_any_work(check, monkeypatch):
    monkeypatch.setattr("rqbench_tokenizers.dq.DQ.soft_codes", lambda *_: 1 / 0)
    for prior in ("coarse-to-fine", "raster"):
        with pytest.raises(ConfigError, match=rf"prior '{prior}' does not train on them.*8x8x1"):
            check("dq-4x4-8x8", prior, SOFT.format(prior))


@pytest.mark.parametrize(
    ("override", "asked"),
    [
        ("priors.raster.training={label_dropout: 0.1}", "label_dropout"),
        ("priors.raster.sampling={guidance: 2}", "guidance"),
    ],
)
def test_what_needs_classes_is_refused_on_data_without(check, override, asked):
    with pytest.raises(ConfigError, match=rf"priors\.raster: {asked} needs classes"):
        check("vq-4x4", "raster", override)


def test_guidance_needs_label_dropout(check, classes):
    guidance = "priors.raster.sampling={guidance: 2}"
    with pytest.raises(ConfigError, match=r"guidance is 2, and this prior never learns"):
        check("vq-4x4", "raster", guidance, data=classes)
    check("vq-4x4", "raster", guidance, "priors.raster.training={label_dropout: 0.1}", data=classes)
