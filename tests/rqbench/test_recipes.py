"""Mirrors rqbench/recipes.py."""

import pytest

from rqbench import recipes
from rqbench.errors import ConfigError, UnknownPluginError
from rqbench.experiment_source import load_experiment
from rqbench.plugins import installed
from rqbench.recipes import TRAINED, Recipe, read_recipe, with_recipe
from rqbench.training import PriorTraining, TokenizerTraining

CLASSES = {"tokenizer": TokenizerTraining, "prior": PriorTraining}


def first(trained: str) -> str:
    """The name of some recipe."""
    return next(name for name in installed("recipe") if read_recipe(name).trains == trained)


@pytest.mark.parametrize("name", installed("recipe"))
def test_every_recipe_is_a_legal_training_and_names_its_source(name):
    recipe = read_recipe(name)
    CLASSES[recipe.trains].model_validate(recipe.training)
    assert "arXiv" in recipe.source


def test_without_a_recipe_settings_stay_as_they_are():
    assert with_recipe("prior", {"steps": 3}, "here") == {"steps": 3}


@pytest.mark.parametrize("trained", TRAINED)
def test_what_stands_beside_a_recipe_goes_over_it(trained):
    name = first(trained)
    settings = with_recipe(trained, {"recipe": name, "batch_size": 7}, "here")
    assert settings == read_recipe(name).training | {"batch_size": 7}


def test_a_recipe_of_the_wrong_kind_is_refused_with_those_that_fit():
    wrong, right = first("prior"), first("tokenizer")
    with pytest.raises(ConfigError) as caught:
        with_recipe("tokenizer", {"recipe": wrong}, "training.tokenizer")
    said = str(caught.value)
    assert said.startswith(f"training.tokenizer.recipe: {wrong!r} trains a prior, and a tokenizer")
    assert right in said


def test_an_unknown_recipe_is_answered_with_the_nearest():
    name = first("prior")
    with pytest.raises(UnknownPluginError, match=f"Did you mean '{name}'"):
        with_recipe("prior", {"recipe": name[:-1]}, "here")


@pytest.mark.parametrize(
    ("text", "said"),
    [("[1, 2]", "'odd' must hold a mapping"), ("trains: prior", "recipe odd.source: this key is")],
)
def test_a_file_that_is_no_recipe_is_named(monkeypatch, tmp_path, text, said):
    (tmp_path / "odd.yaml").write_text(text)

    class Odd:
        def load(self):
            return tmp_path / "odd.yaml"

    monkeypatch.setattr(recipes, "find", lambda kind, name: Odd())
    with pytest.raises(ConfigError, match=said):
        read_recipe("odd")


COMMON = "training.tokenizer={recipe: common, steps: 9, adversarial: {start_step: 2}}"
OWN = "tokenizers.vq-4x4.training={recipe: own, batch_size: 3, adversarial: {weight: 0.25}}"


def test_recipes_of_all_and_recipes_of_one_lie_over_each_other(monkeypatch):
    adversarial = {"layers": 2, "weight": 0.5}
    cook = {
        "common": {"steps": 5, "batch_size": 6, "log_every": 4, "adversarial": adversarial},
        "own": {"batch_size": 8, "learning_rate": 0.5},
    }
    monkeypatch.setattr(
        recipes,
        "read_recipe",
        lambda name: Recipe(trains="tokenizer", source="a test", training=cook[name]),
    )
    experiment = load_experiment("tiny", [COMMON, OWN])
    common, own = (experiment.tokenizer_training(name) for name in ("vq-8x8", "vq-4x4"))
    assert (common.steps, common.batch_size, common.log_every) == (9, 6, 4)
    assert (own.steps, own.batch_size, own.log_every, own.learning_rate) == (9, 3, 4, 0.5)
    assert (common.adversarial.layers, common.adversarial.start_step) == (2, 2)
    assert common.adversarial.weight == 0.5
    assert own.adversarial == common.adversarial.model_copy(update={"weight": 0.25})


@pytest.mark.parametrize("key", ["training.prior", "priors.raster.training"])
def test_a_priors_recipe_is_found_in_both_places(key):
    name = first("prior")
    experiment = load_experiment("tiny", [f"{key}={{recipe: {name}, steps: 2, crops: 4096}}"])
    trained = experiment.prior_training("raster")
    assert trained.betas == tuple(read_recipe(name).training["betas"])
    assert trained.steps == 2
