"""Mirrors rqbench/stages/setting.py."""

from dataclasses import replace

from rqbench.condition_spec import ConditionSpec
from rqbench.layout import CodeLayout
from rqbench.seed import derive_seed


def test_a_seed_follows_the_experiment_and_the_purpose(setting):
    assert setting.seed("crops") == derive_seed(0, "crops")
    other = replace(setting, experiment=setting.experiment.model_copy(update={"seed": 1}))
    assert other.seed("crops") == derive_seed(1, "crops")


def test_layouts_are_those_at_the_experiments_resolution(setting):
    assert setting.layouts == {
        "vq-4x4": CodeLayout(4, 4, 1, 16), "rq-4x4x4": CodeLayout(4, 4, 4, 16),
    }  # fmt: skip


def test_threads_decide_results_on_a_cpu_alone(setting):
    assert setting.common_facts["threads"] == 1
    other = replace(setting, device="cuda:1")
    vars(other)["environment"] = setting.environment  # there may be no such device here
    facts = other.common_facts
    assert (facts["threads"], facts["device"]) == (None, "cuda")


def test_classes_of_the_data_are_what_priors_are_conditioned_on(setting, classes):
    assert setting.condition is None
    assert classes.condition == ConditionSpec(2)
