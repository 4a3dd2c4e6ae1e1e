"""Depth-stacked: a body over positions, and a short transformer over the stack of each position.

Lee et al. 2022 (arXiv:2203.01941), sections 3.2 and supplement. With one code a position and no
depth layers it is the plain raster prior on the same codes.

Axes: b images, t positions, d depth, c condition tokens, e width of a code's vector, w width.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from einops import rearrange
from jaxtyping import Float, Int
from pydantic import Field, model_validator
from torch import Tensor, nn

from rqbench.api import (
    Choose,
    CodeLayout,
    Codes,
    ConditionSpec,
    ConfigError,
    Prior,
    PriorBatch,
    Step,
    UnsupportedError,
)

from .embedding import CodeEmbedding, Prefix
from .generation import State, draw
from .head import ContentHead
from .legal import all_legal, symbol_log_probs
from .soft_targets import soft_cross_entropy
from .transformer import KeyValueCache, Stack, TransformerConfig, initialise, learned_table


class DepthStackedConfig(TransformerConfig):
    """Everything needed to rebuild one depth-stacked prior."""

    inputs: Literal["learned", "codebook"] = Field(
        "codebook",
        description="a code enters as a learned row, or as the tokenizer's frozen vector",
    )
    body_layers: int = Field(4, ge=1, description="blocks over positions")
    depth_layers: int = Field(2, ge=0, description="blocks over the stack of one position")
    bias_per_depth: bool = Field(
        False, description="count the body's input bias once for each code, as published"
    )

    @model_validator(mode="after")
    def _only_projections_have_a_bias(self) -> "DepthStackedConfig":
        if self.bias_per_depth and self.inputs == "learned":
            raise ValueError(
                "bias_per_depth counts the bias that projects codebook vectors, and learned inputs "
                "have none; set inputs: codebook or leave bias_per_depth out"
            )
        return self


@dataclass(kw_only=True)
class DepthStackedState(State):
    """Images that are being drawn.

    Attributes:
        values: Int[b t d], the codes so far.
        drawn: how many codes each image has.
    """

    prefix: Tensor
    body_cache: KeyValueCache
    depth_cache: KeyValueCache
    values: Tensor
    image: Tensor
    drawn: int = 0


class DepthStacked(Prior):
    """RQ-Transformer: the body sees sums of stacks, the depth transformer cumulative sums."""

    Config = DepthStackedConfig
    models = "codes of fixed length (VQ, RQ)"

    def __init__(
        self,
        config: DepthStackedConfig,
        layout: CodeLayout,
        codebook: Float[Tensor, "d k e"] | None = None,
        condition: ConditionSpec | None = None,
    ) -> None:
        super().__init__(config, layout, codebook, condition)
        if not self.supports(layout):
            raise UnsupportedError(
                f"The depth-stacked prior models {self.models}, and {layout} has grains. "
                "Choose the raster or the coarse-to-fine prior."
            )
        if layout.depth > 1 and not config.depth_layers:
            raise ConfigError(
                f"Without depth layers the {layout.depth} codes of a position could not see the "
                "body. Set depth_layers to 1 or more."
            )
        width = config.width
        self.prefix = Prefix(condition, width)
        self.body_codes = CodeEmbedding(layout, width, config.inputs, codebook)
        # the last row is never an input, but stands in published weights
        self.body_places = learned_table(layout.height * layout.width, width)
        self.embedding_dropout = nn.Dropout(config.embedding_dropout)
        self.body = Stack(config.body_layers, config)
        if layout.depth > 1:
            self.depth_codes = CodeEmbedding(layout, width, config.inputs, codebook)
        self.depth_places = learned_table(layout.depth, width)
        self.depth_stack = Stack(config.depth_layers, config)
        self.head = ContentHead(layout, width, config.output_bias)
        self.apply(initialise)

    @classmethod
    def tiny(cls, layout: CodeLayout, condition: ConditionSpec | None = None) -> "DepthStacked":
        config = DepthStackedConfig(
            body_layers=1, depth_layers=1, width=16, heads=2, inputs="learned"
        )
        return cls(config, layout, condition=condition)

    @classmethod
    def supports(cls, layout: CodeLayout) -> bool:
        return not layout.is_dynamic

    def log_prob(
        self, codes: Codes, condition: Int[Tensor, "b c"] | None = None
    ) -> Float[Tensor, " b"]:
        return self.symbol_log_probs(codes, condition).sum(dim=1, dtype=torch.float64)

    def symbol_log_probs(
        self, codes: Codes, condition: Int[Tensor, "b c"] | None = None
    ) -> Float[Tensor, "b n"]:
        """The terms of `log_prob` in nats, aligned with `symbols(codes)`."""
        return symbol_log_probs(self._logits(codes, condition), codes.values).flatten(1)

    @classmethod
    def takes_soft_targets(cls, layout: CodeLayout) -> bool:
        return cls.supports(layout)

    def loss(self, batch: PriorBatch) -> Float[Tensor, ""]:
        if batch.soft_targets is None:
            return super().loss(batch)
        return soft_cross_entropy(self._logits(batch.codes, batch.condition), batch.soft_targets)

    def _logits(
        self, codes: Codes, condition: Int[Tensor, "b c"] | None
    ) -> Float[Tensor, "b h w d k"]:
        """Of every code, each given those before it."""
        prefix = self.prefix(condition, len(codes))
        stacks = codes.values.flatten(1, 2)
        inputs = self._body_inputs(stacks[:, :-1], first=0)
        before = self.prefix.length - 1  # condition tokens that lead to no code
        sequence = self.embedding_dropout(torch.cat([prefix, inputs], dim=1))
        stream = self.body(sequence)[:, before:, None]  # b t 1 w
        if self.layout.depth > 1:
            sums = self.depth_codes.look_up(stacks[..., :-1]).cumsum(dim=-2)
            stream = torch.cat([stream, self.depth_codes(sums)], dim=2)
        stream = rearrange(stream + self.depth_places, "b t d w -> (b t) d w")
        logits: Tensor = self.head(self.depth_stack(stream))
        return logits.view(*codes.values.shape, -1)

    def step(
        self, state: DepthStackedState, symbols: Int[Tensor, " n"] | None
    ) -> Float[Tensor, "m v"]:
        if symbols is not None:
            position, depth = divmod(state.drawn, self.layout.depth)
            state.values[:, position, depth] = symbols
            state.drawn += 1
            if state.drawn == self.layout.max_codes:
                return state.prefix.new_zeros(0, self.layout.codebook_size)
        position, depth = divmod(state.drawn, self.layout.depth)
        if depth:
            sums = self.depth_codes.look_up(state.values[:, position, :depth]).sum(dim=1)
            stream = self.depth_codes(sums)[:, None]
        else:
            previous = slice(position - 1, position)
            inputs = (
                self._body_inputs(state.values[:, previous], first=position - 1)
                if position
                else state.prefix
            )
            stream = self.body.step(inputs, state.body_cache)[:, -1:]
            state.depth_cache.clear()
        stream = self.depth_stack.step(stream + self.depth_places[depth], state.depth_cache)
        logits = self.head.at(stream[:, 0], depth)
        state.expected = Step(
            kind="content",
            depth=depth,
            legal=all_legal(logits),
            image=state.image,
            ordinal=torch.full_like(state.image, state.drawn),
        )
        return logits

    def generate(
        self,
        choose: Choose,
        num_images: int,
        condition: Int[Tensor, "b c"] | None = None,
        first_image: int = 0,
    ) -> Codes:
        prefix = self.prefix(condition, num_images)
        h, w, d = self.layout.height, self.layout.width, self.layout.depth
        image = torch.arange(num_images, device=prefix.device)
        state = DepthStackedState(
            prefix=prefix,
            body_cache=self.body.cache(self.prefix.length + h * w - 1),
            depth_cache=self.depth_stack.cache(d),
            values=image.new_zeros(num_images, h * w, d),
            image=image + first_image,
        )
        draw(self.step, state, choose)
        return Codes(rearrange(state.values, "b (h w) d -> b h w d", h=h), self.layout)

    def symbols(self, codes: Codes) -> Int[Tensor, "b n"]:
        return codes.values.flatten(1)

    def warm_start(self, codes: Codes) -> None:
        self.head.warm_start(codes.values.flatten(0, 2))

    def _body_inputs(self, stacks: Int[Tensor, "b t d"], first: int) -> Float[Tensor, "b t w"]:
        """Stacks as inputs of the body; the first of them stands at position `first`."""
        sums = self.body_codes.look_up(stacks).sum(dim=-2)
        num_biases = self.layout.depth if self.config.bias_per_depth else 1
        inputs: Tensor = self.body_codes(sums, num_biases)
        return inputs + self.body_places[first : first + stacks.shape[1]]
