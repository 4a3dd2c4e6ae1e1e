"""What the raster prior has to be told."""

from typing import Literal

from pydantic import Field, model_validator

from rqbench.api import CodeLayout, ConditionSpec, ConfigError, UnsupportedError

from .conditions import prefix_length
from .transformer import TransformerConfig


class RasterConfig(TransformerConfig):
    """Everything needed to rebuild one raster prior."""

    layers: int = Field(4, ge=1, description="transformer blocks")
    keep_probability: float = Field(
        1.0,
        gt=0,
        le=1,
        description="in training, of a code that the transformer sees; the others are replaced by "
        "random ones, and targets stay as they are (`pkeep` of Esser et al. 2021)",
    )
    places: Literal["target", "input"] = Field(
        "target",
        description="an input carries the place that it leads to, or its own place in the "
        "sequence, the condition counted (released code of Esser et al. 2021)",
    )
    num_places: int | None = Field(
        None,
        ge=1,
        description="rows of the table of input places (their `block_size`), of which the last may "
        "be unused; None: as many as there are inputs",
    )
    condition_in: Literal["own", "codes"] = Field(
        "own",
        description="a condition looks up a table of its own, or that of the codes, in which "
        "condition c is code c (released code of Esser et al. 2021)",
    )
    start_code: int = Field(
        0,
        ge=0,
        description="with condition_in: codes and no condition, the code that starts a sequence "
        "(their `sos_token`)",
    )

    @model_validator(mode="after")
    def _options_that_need_input_places(self) -> "RasterConfig":
        if self.places == "input":
            return self
        if self.condition_in == "codes":
            raise ValueError(
                "condition_in: codes gives condition tokens no places of their own; "
                "set places: input too"
            )
        if self.num_places is not None:
            raise ValueError("num_places counts input places; set places: input or leave it out")
        return self


def num_inputs(layout: CodeLayout, condition: ConditionSpec | None) -> int:
    """Inputs of the longest sequence: the last code leads to none."""
    return prefix_length(condition) + layout.max_codes - 1


def check_inputs(config: RasterConfig, layout: CodeLayout, condition: ConditionSpec | None) -> None:
    """
    Raises:
        UnsupportedError: input places on dynamic codes.
        ConfigError: more inputs than places, or more conditions than codes that they share rows
            with.
    """
    if config.places == "target":
        return
    if layout.is_dynamic:
        raise UnsupportedError(
            f"With places: input the raster prior counts inputs, and codes of the layout {layout} "
            "stand elsewhere in each image. Set places: target."
        )
    needed = num_inputs(layout, condition)
    if config.num_places is not None and config.num_places < needed:
        raise ConfigError(
            f"num_places is {config.num_places}, and codes of the layout {layout} with their "
            f"condition have {needed} inputs. Set it to {needed} or more, or leave it out."
        )
    if config.condition_in == "own":
        return
    needed = condition.num_symbols if condition else config.start_code + 1
    if needed > layout.codebook_size:
        raise ConfigError(
            f"With condition_in: codes the condition needs {needed} codes, and there are "
            f"{layout.codebook_size}. Set condition_in: own, or a lower start_code."
        )
