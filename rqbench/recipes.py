"""Recipes: training settings by name, such as those of a paper."""

from collections.abc import Mapping
from typing import Any, Literal, get_args

import yaml
from pydantic import Field

from .config import Config, merge, parse_config
from .errors import ConfigError
from .plugins import find, installed

Trained = Literal["tokenizer", "prior"]
TRAINED: tuple[Trained, ...] = get_args(Trained)


class Recipe(Config):
    """What the YAML file of a recipe holds."""

    trains: Trained
    source: str = Field(description="where the settings were published")
    unverified: tuple[str, ...] = Field((), description="what the source does not settle")
    not_reproduced: tuple[str, ...] = Field((), description="what was done otherwise there")
    training: dict[str, Any] = Field(description="settings of that kind of training")


def read_recipe(name: str) -> Recipe:
    """An installed recipe.

    Raises:
        UnknownPluginError: no recipe is called so.
        ConfigError: its file is none.
    """
    values = yaml.safe_load(find("recipe", name).load().read_text(encoding="utf-8"))
    if not isinstance(values, dict):
        raise ConfigError(f"The recipe {name!r} must hold a mapping of keys such as `training`.")
    return parse_config(Recipe, values, f"recipe {name}")


def with_recipe(trained: Trained, settings: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Settings in which `recipe: NAME` is replaced by the recipe's own, below those beside it.

    Raises:
        ConfigError: a recipe for the other kind of training.
        UnknownPluginError: see `read_recipe`.
    """
    beside = dict(settings)
    name = beside.pop("recipe", None)
    if name is None:
        return beside
    recipe = read_recipe(str(name))
    if recipe.trains != trained:
        fitting = [other for other in installed("recipe") if read_recipe(other).trains == trained]
        raise ConfigError(
            f"{where}.recipe: {name!r} trains a {recipe.trains}, and a {trained} is trained here. "
            f"Recipes for a {trained}: {', '.join(fitting) or 'none'}."
        )
    return merge(recipe.training, beside)
