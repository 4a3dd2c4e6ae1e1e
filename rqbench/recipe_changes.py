"""What an experiment changes of the recipes that it names."""

from collections.abc import Iterator, Mapping
from typing import Any

from .experiment import Experiment
from .recipes import TRAINED, read_recipe
from .training import Training


def recipe_changes(values: Mapping[str, Any], experiment: Experiment) -> list[str]:
    """One sentence for each training that names a recipe and has some of its settings otherwise.

    What stands beside a recipe goes over it, and in a preset much stands there.

    Args:
        values: as `experiment_values` gives them; the experiment itself holds settings, and no
            longer the recipe that all tokenizers, or all priors, began with.
    """
    sentences = []
    for trained in TRAINED:
        where = f"training.{trained}"
        common = (values.get("training") or {}).get(trained, {}).get("recipe")
        shared: list[str] = []
        if common:
            shared = list(_changes(common, getattr(experiment.training, trained)))
            sentences += _told(where, common, shared)
        trainings, specs = (
            (experiment.tokenizer_training, experiment.tokenizers)
            if trained == "tokenizer"
            else (experiment.prior_training, experiment.priors)
        )
        for name, spec in specs.items():
            recipe = spec.training.get("recipe", common)
            if recipe and spec.training:
                own = list(_changes(recipe, trainings(name)))
                if (recipe, own) != (common, shared):
                    sentences += _told(f"{trained}s.{name}.training", recipe, own)
    return sentences


def _changes(recipe: str, training: Training) -> Iterator[str]:
    settings = read_recipe(recipe).training
    there = type(training).model_validate(settings).model_dump(mode="json", include=set(settings))
    return _differences(training.model_dump(mode="json"), there, "")


def _differences(here: Mapping[str, Any], there: Mapping[str, Any], above: str) -> Iterator[str]:
    for key, value in there.items():
        if isinstance(value, Mapping) and isinstance(here[key], Mapping):
            yield from _differences(here[key], value, f"{above}{key}.")
        elif here[key] != value:
            yield f"{above}{key} {here[key]} (recipe: {value})"


def _told(where: str, recipe: str, changes: list[str]) -> list[str]:
    if not changes:
        return []
    return [
        f"{where}: of the recipe {recipe} this experiment changes {', '.join(changes)}. "
        f"For the recipe as it is: --set '{where}={{recipe: {recipe}}}'."
    ]
