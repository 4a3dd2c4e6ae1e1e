"""What the depth-stacked prior has to be told."""

from typing import Literal

from pydantic import Field, model_validator

from rqbench.api import CodeLayout, ConditionSpec, ConfigError, UnsupportedError

from .transformer import TransformerConfig


class DepthStackedConfig(TransformerConfig):
    """Everything needed to rebuild one depth-stacked prior."""

    inputs: Literal["learned", "codebook"] = Field(
        "codebook",
        description="a code enters as a learned row, or as the tokenizer's frozen vector",
    )
    body_layers: int = Field(4, ge=1, description="blocks over positions")
    depth_layers: int = Field(2, ge=0, description="blocks over the stack of one position")
    depth_heads: int | None = Field(
        None, ge=1, description="attention heads of the depth layers; None: as many as `heads`"
    )
    bias_per_depth: bool = Field(
        False, description="count the body's input bias once for each code, as published"
    )
    unused_depth_inputs: bool = Field(
        False,
        description="keep the projection of the depth layers' inputs, frozen, where a position has "
        "one code and nothing enters through it, as in published weights",
    )
    condition_loss_weight: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="share of the loss that predicts the condition's own tokens, each from those "
        "before it, as one language model of text and codes; above 0 the body has a head for them "
        "(published for captions: 0.1)",
    )
    soft_epsilon: float = Field(
        0.0,
        ge=0,
        description="added to probabilities inside the logarithm of the loss on soft targets "
        "(released code of Lee et al. 2022: 1e-7)",
    )

    @model_validator(mode="after")
    def _only_projections_have_a_bias(self) -> "DepthStackedConfig":
        if self.bias_per_depth and self.inputs == "learned":
            raise ValueError(
                "bias_per_depth counts the bias that projects codebook vectors, and learned inputs "
                "have none; set inputs: codebook or leave bias_per_depth out"
            )
        if self.width % (self.depth_heads or 1):
            raise ValueError(
                f"width {self.width} does not divide into {self.depth_heads} depth_heads; choose a "
                "width that is a multiple of them"
            )
        return self

    @property
    def depth_transformer(self) -> TransformerConfig:
        """The depth layers' part of what a transformer is told."""
        return self.model_copy(update={"heads": self.depth_heads or self.heads})


def check_fit(
    config: DepthStackedConfig, layout: CodeLayout, condition: ConditionSpec | None
) -> None:
    """
    Raises:
        UnsupportedError: dynamic codes.
        ConfigError: stacks without depth layers, or a loss on condition tokens that no other
            condition token comes before.
    """
    if layout.is_dynamic:
        raise UnsupportedError(
            f"The depth-stacked prior models codes of fixed length, and {layout} has grains. "
            "Choose the raster or the coarse-to-fine prior."
        )
    if layout.depth > 1 and not config.depth_layers:
        raise ConfigError(
            f"Without depth layers the {layout.depth} codes of a position could not see the "
            "body. Set depth_layers to 1 or more."
        )
    if config.condition_loss_weight and (condition is None or condition.length == 1):
        raise ConfigError(
            "condition_loss_weight predicts condition tokens from the ones before them, and this "
            "prior has at most one. Leave it out, or train on conditions of several tokens."
        )
