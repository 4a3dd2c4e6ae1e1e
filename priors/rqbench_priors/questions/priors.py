"""The priors that questions ask about: raster as it stands, and one of as many parameters."""

from collections.abc import Mapping
from typing import Any

from .scale import Scale
from .sizes import Spec, prior_parameters, spec
from .solve import hold_equal, nearest_size

WIDEST = 8
"""How many times the width hidden layers may be."""


def raster(scale: Scale) -> Spec:
    """The control of every prior, and the one prior of questions about tokenizers."""
    return spec("raster", _common(scale), scale.raster)


def as_large_as_raster(
    type_name: str, config: Mapping[str, Any], scale: Scale, tokenizer: Spec, resolution: int
) -> Spec:
    """A prior with hidden layers as wide as gives it the raster's parameters on the same codes.

    Raises:
        ConfigError: no width of the hidden layers does, from half the model's width upwards.
    """
    control = raster(scale)
    target = prior_parameters(control, tokenizer, resolution)

    def sized(hidden: int) -> Spec:
        return spec(type_name, _common(scale), config, {"mlp_width": hidden})

    def parameters(hidden: int) -> int:
        return prior_parameters(sized(hidden), tokenizer, resolution)

    width = scale.transformer.width
    made = sized(nearest_size(parameters, target, max(width // 2, 1), WIDEST * width))
    key = type_name.replace("-", "_")
    hold_equal(
        "parameters",
        {"raster": target, type_name: prior_parameters(made, tokenizer, resolution)},
        f"Change how many layers raster and {key} have.",
    )
    return made


def _common(scale: Scale) -> dict[str, Any]:
    """What the scale says of all priors, and how codes enter, where they have own defaults."""
    said = scale.transformer.model_dump(mode="json", exclude_unset=True)
    return {**said, "inputs": scale.transformer.inputs}
