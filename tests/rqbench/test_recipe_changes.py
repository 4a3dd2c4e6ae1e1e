"""Mirrors rqbench/recipe_changes.py."""

import pytest

from rqbench import recipe_changes as module
from rqbench import recipes
from rqbench.experiment import build_experiment
from rqbench.experiment_source import experiment_values
from rqbench.recipe_changes import recipe_changes
from rqbench.recipes import Recipe

COOK = {
    "long": {"steps": 900, "learning_rate": 4.0e-5, "adversarial": {"layers": 2, "weight": 0.5}},
    "short": {"steps": 3},
}


@pytest.fixture
def changes(monkeypatch):
    """What is said of the preset tiny under some overrides."""

    def read(name):
        return Recipe(trains="tokenizer", source="a test", training=COOK[name])

    for each in (module, recipes):
        monkeypatch.setattr(each, "read_recipe", read)

    def say(*overrides):
        values = experiment_values("tiny", overrides)
        return recipe_changes(values, build_experiment(values))

    return say


def test_of_a_recipe_that_is_taken_whole_nothing_is_said(changes):
    assert changes("training.tokenizer={recipe: long}") == []
    assert changes("training.tokenizer={recipe: long, learning_rate: 4e-5, log_every: 7}") == []


def test_each_setting_that_goes_over_the_recipe_is_told_with_both_values(changes):
    (said,) = changes(
        "training.tokenizer={recipe: long, steps: 20, adversarial: {start_step: 4, weight: 0.25}}"
    )
    assert said == (
        "training.tokenizer: of the recipe long this experiment changes steps 20 (recipe: 900), "
        "adversarial.start_step 4 (recipe: 0), adversarial.weight 0.25 (recipe: 0.5). "
        "For the recipe as it is: --set 'training.tokenizer={recipe: long}'."
    )


def test_a_part_that_is_switched_off_is_told_as_one(changes):
    (said,) = changes("training.tokenizer={recipe: long, adversarial: null}")
    assert "changes adversarial None (recipe: {'layers': 2" in said


def test_a_training_of_ones_own_is_told_beside_the_common_one(changes):
    common = "training.tokenizer={recipe: long, steps: 20}"
    (same,) = changes(common, "tokenizers.vq-4x4.training={log_every: 7}")
    assert same.startswith("training.tokenizer: of the recipe long")
    _, own = changes(common, "tokenizers.vq-4x4.training={steps: 30}")
    assert own.startswith("tokenizers.vq-4x4.training: of the recipe long this experiment changes")
    assert "steps 30 (recipe: 900)" in own
    _, other = changes(common, "tokenizers.vq-4x4.training={recipe: short, steps: 5}")
    assert "of the recipe short this experiment changes steps 5 (recipe: 3). " in other
    assert len(changes(common, "tokenizers.vq-4x4.training={recipe: short}")) == 1


def test_without_a_recipe_nothing_is_said(changes):
    assert changes() == []
