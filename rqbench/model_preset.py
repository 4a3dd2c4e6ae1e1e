"""A published tokenizer or prior: everything needed to build it, and how many values it has.

Found through the entry-point group `rqbench.presets`, beside experiments.
"""

import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from .choice import Sampling
from .condition_spec import ConditionSpec
from .config import Config, merge
from .errors import ConfigError, UnknownPluginError, did_you_mean
from .models import build_prior, build_tokenizer
from .plugins import load_all
from .prior import Prior
from .tokenizer import Tokenizer

Kind = Literal["tokenizer", "prior"]


class ModelPreset(Config):
    """One tokenizer or prior of a paper."""

    kind: Kind
    type: str = Field(description="the plug-in")
    config: dict[str, Any] = Field(description="the plug-in's, where it is not the default")
    resolution: int = Field(256, description="side of the images in pixels")
    tokenizer: str | None = Field(
        None, description="of a prior: the preset of the tokenizer whose codes it models"
    )
    num_conditions: int | None = Field(
        None, description="of a prior: kinds of one condition symbol, such as classes"
    )
    condition_length: int = Field(1, description="of a prior: condition symbols an image")
    sampling: dict[str, Any] = Field(
        default_factory=dict, description="of a prior: published settings"
    )
    parameters: int | None = Field(
        description="values of the published model; None where nothing was published to compare"
    )
    counting: str = Field(description="what they count: frozen tables, padding rows and so on")
    source: str = Field(description="paper and released code")
    unverified: str = Field("", description="what of it was not found in the released files")

    @field_validator("config", "sampling")
    @classmethod
    def _as_a_file_would_hold_it(cls, values: dict[str, Any]) -> dict[str, Any]:
        plain: dict[str, Any] = json.loads(json.dumps(values))
        return plain

    @field_validator("sampling")
    @classmethod
    def _of_keys_that_exist(cls, values: dict[str, Any]) -> dict[str, Any]:
        Sampling.model_validate(values)
        return values

    @model_validator(mode="after")
    def _a_prior_says_its_tokenizer(self) -> "ModelPreset":
        if (self.kind == "prior") != (self.tokenizer is not None):
            raise ValueError("a prior, and nothing else, names the preset of its tokenizer")
        return self

    @property
    def condition(self) -> ConditionSpec | None:
        """Of a prior."""
        if self.num_conditions is None:
            return None
        return ConditionSpec(self.num_conditions, self.condition_length)


def model_presets() -> dict[str, ModelPreset]:
    """All that can be loaded, by name."""
    loaded, _ = load_all("preset")
    return {name: preset for name, preset in loaded.items() if isinstance(preset, ModelPreset)}


def find_model_preset(name: str, kind: Kind | None = None) -> ModelPreset:
    """One by name.

    Args:
        kind: what it must be of; None: anything.

    Raises:
        UnknownPluginError: no model preset of the kind is called so; names the nearest.
    """
    known = model_presets()
    if name in known and kind in {None, known[name].kind}:
        return known[name]
    fitting = [other for other, preset in known.items() if kind in {None, preset.kind}]
    what = f"is a {known[name].kind}, not a {kind}" if name in known else "is none that is known"
    raise UnknownPluginError(
        f"The preset {name!r} {what}.{did_you_mean(name, fitting)} Presets of a "
        f"{kind or 'model'}: {', '.join(fitting) or 'none'}."
    )


def build_model(name: str, seed: int = 0) -> Tokenizer | Prior:
    """The model of a preset with fresh weights drawn from the seed, in eval mode on the CPU.

    A prior is built on the codebook of its tokenizer's preset, which is built with the same seed.

    Raises:
        UnknownPluginError: see `find_model_preset`.
    """
    preset, where = find_model_preset(name), f"preset {name}"
    if preset.tokenizer is None:
        return build_tokenizer(preset.type, preset.config, where, seed).eval()
    tokenizer = build_model(preset.tokenizer, seed)
    assert isinstance(tokenizer, Tokenizer)
    layout, codebook = tokenizer.layout(preset.resolution), tokenizer.codebook()
    config, condition = preset.config, preset.condition
    return build_prior(preset.type, config, layout, codebook, condition, where, seed).eval()


def with_model_preset(kind: Kind, values: Any) -> Any:
    """A tokenizer or prior of an experiment as plain values, in which `preset: NAME` is replaced by
    the preset's type and config (of a prior: and sampling), below those beside it.

    Raises:
        ConfigError: a type beside the preset.
        UnknownPluginError: see `find_model_preset`.
    """
    if not isinstance(values, Mapping) or values.get("preset") is None:
        return values
    beside = {key: value for key, value in values.items() if key != "preset"}
    name = str(values["preset"])
    if "type" in beside:
        raise ConfigError(
            f"A {kind} says `preset: {name}` and `type: {beside['type']}`. Leave one of them out: "
            "a preset is of one type, and its config may be changed."
        )
    preset = find_model_preset(name, kind)
    below: dict[str, Any] = {"type": preset.type, "config": preset.config}
    if kind == "prior":
        below["sampling"] = preset.sampling
    return merge(below, beside)
