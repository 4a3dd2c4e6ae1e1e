"""Depth-stacked: a body over positions, and a short transformer over the stack of each position.

Lee et al. 2022 (arXiv:2203.01941), sections 3.2 and supplement. With one code a position and no
depth layers it is the plain raster prior on the same codes.

Axes: b images, t positions, d depth, c condition tokens, e width of a code's vector, w width.
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float, Int
from torch import Tensor, nn

from rqbench.api import (
    Choose,
    ChooseAll,
    CodeLayout,
    Codes,
    ConditionSpec,
    PhaseCost,
    PriorBatch,
    SymbolNats,
)

from .decoding.depth_stacked import StackedParts, draw_stacks
from .decoding.inputs import Inputs, Logits
from .depth_stacked_config import DepthStackedConfig, check_fit
from .depth_stacked_state import DepthStackedState
from .embedding import CodeEmbedding, Prefix
from .generation import draw, open_step
from .head import ContentHead
from .legal import symbol_log_probs
from .sampling_cost import content_cost, input_cost, num_codes, stack_cost
from .soft_targets import soft_cross_entropy
from .stack_prior import StackPrior
from .transformer import Stack, initialise, learned_table


class DepthStacked(StackPrior):
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
        check_fit(config, layout, condition)
        width = config.width
        self.prefix = Prefix(condition, width)
        self.body_codes = CodeEmbedding(layout, width, config.inputs, codebook)
        # the last row is never an input, but stands in published weights
        self.body_places = learned_table(layout.height * layout.width, width)
        self.embedding_dropout = nn.Dropout(config.embedding_dropout)
        self.body = Stack(config.body_layers, config)
        if layout.depth > 1 or config.unused_depth_inputs:
            self.depth_codes = CodeEmbedding(layout, width, config.inputs, codebook)
            self.depth_codes.requires_grad_(layout.depth > 1)
        self.depth_places = learned_table(layout.depth, width)
        self.depth_stack = Stack(config.depth_layers, config.depth_transformer)
        self.head = ContentHead(layout, width, config.output_bias)
        if config.condition_loss_weight and condition:
            vocab = nn.Linear(width, condition.num_symbols)
            self.condition_head = nn.Sequential(nn.LayerNorm(width), vocab)
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
        return _log_prob(self.logits(codes, condition), codes)

    def symbol_log_probs(
        self, codes: Codes, condition: Int[Tensor, "b c"] | None = None
    ) -> Float[Tensor, "b n"]:
        """The terms of `log_prob` in nats, aligned with `symbols(codes)`."""
        return symbol_log_probs(self.logits(codes, condition), codes.values).flatten(1)

    def symbol_nats(self, codes: Codes, condition: Int[Tensor, "b c"] | None = None) -> SymbolNats:
        nats = -self.symbol_log_probs(codes, condition)
        cell = torch.arange(nats.shape[1], device=nats.device) // self.layout.depth
        is_side = torch.zeros_like(nats, dtype=torch.bool)
        return SymbolNats(nats, is_side, cell.expand(nats.shape))

    @classmethod
    def takes_soft_targets(cls, layout: CodeLayout) -> bool:
        return cls.supports(layout)

    def loss(self, batch: PriorBatch) -> Float[Tensor, ""]:
        stream = self._body_stream(batch.codes, batch.condition)
        logits = self._stack_logits(batch.codes, stream)
        if batch.soft_targets is None:
            loss = -_log_prob(logits, batch.codes).mean() / self.layout.max_codes
        else:
            loss = soft_cross_entropy(logits, batch.soft_targets, self.config.soft_epsilon)
        weight: float = self.config.condition_loss_weight
        if not weight or batch.condition is None:
            return loss
        predicted = self._condition_logits(stream).flatten(0, 1)
        of_condition: Tensor = F.cross_entropy(predicted, batch.condition[:, 1:].flatten())
        return (1 - weight) * loss + weight * of_condition

    def logits(
        self, codes: Codes, condition: Int[Tensor, "b c"] | None = None
    ) -> Float[Tensor, "b h w d k"]:
        """Teacher-forced logits of every code, each given those before it."""
        return self._stack_logits(codes, self._body_stream(codes, condition))

    def condition_logits(
        self, codes: Codes, condition: Int[Tensor, "b c"]
    ) -> Float[Tensor, "b m v"]:
        """Of the condition's tokens but the first, m = c - 1, each given those before it; for a
        prior that has learned them (`condition_loss_weight`)."""
        return self._condition_logits(self._body_stream(codes, condition))

    def _condition_logits(self, stream: Float[Tensor, "b t w"]) -> Float[Tensor, "b m v"]:
        logits: Tensor = self.condition_head(stream[:, : self.prefix.length - 1])
        return logits

    def _body_stream(
        self, codes: Codes, condition: Int[Tensor, "b c"] | None
    ) -> Float[Tensor, "b t w"]:
        """What the body makes of the condition's tokens and all positions but the last."""
        inputs = self._body_inputs(codes.values.flatten(1, 2)[:, :-1], first=0)
        sequence = torch.cat([self.prefix(condition, len(codes)), inputs], dim=1)
        stream: Tensor = self.body(self.embedding_dropout(sequence))
        return stream

    def _stack_logits(
        self, codes: Codes, stream: Float[Tensor, "b t width"]
    ) -> Float[Tensor, "b h w d k"]:
        stream = stream[:, self.prefix.length - 1 :, None]  # b t 1 w, one for each position
        if self.layout.depth > 1:
            stacks = codes.values.flatten(1, 2)
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
        state.expected = open_step("content", depth, logits, state.image, state.drawn)
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

    @property
    def has_lockstep(self) -> bool:
        return True

    def generate_lockstep(
        self, choose: ChooseAll, num_images: int, condition: Int[Tensor, "b c"] | None = None
    ) -> Codes:
        h, w, depth = self.layout.height, self.layout.width, self.layout.depth
        rows = num_images
        depth_codes = self.depth_codes if depth > 1 else self.body_codes  # no code enters there
        parts = StackedParts(
            body=self.body,
            depth_stack=self.depth_stack,
            body_inputs=Inputs(self.body_codes, self.body_places, rows, self._num_input_biases),
            depth_inputs=Inputs(depth_codes, self.depth_places[1:], rows),
            first_place=self.depth_places[0],
            logits=Logits(self.head, depth, rows),
        )
        codes = draw_stacks(parts, self.layout, choose, self.prefix(condition, num_images))
        return Codes(codes.view(num_images, h, w, depth), self.layout)

    def symbols(self, codes: Codes) -> Int[Tensor, "b n"]:
        return codes.values.flatten(1)

    def cost(
        self, batch: int, grain_counts: tuple[int, ...] | None = None
    ) -> Mapping[str, PhaseCost]:
        d, first = self.layout.depth, self.prefix.length
        positions = num_codes(self.layout, grain_counts) // d
        body = stack_cost(self.body, batch, first + positions - 1, first)
        depth = stack_cost(self.depth_stack, batch, d, sequences=positions)
        if d > 1:  # a running sum needs the newest code alone
            depth += input_cost(self.depth_codes, batch, positions * (d - 1))
        return {
            "body": body + input_cost(self.body_codes, batch, positions - 1, rows=d),
            "depth": depth,
            "head": content_cost(self.head, batch, positions * d),
        }

    def warm_start(self, codes: Codes) -> None:
        self.head.warm_start(codes.values.flatten(0, 2))

    @property
    def _num_input_biases(self) -> int:
        """How often the body's input bias is added to the sum of a stack."""
        return self.layout.depth if self.config.bias_per_depth else 1

    def _body_inputs(self, stacks: Int[Tensor, "b t d"], first: int) -> Float[Tensor, "b t w"]:
        """Stacks as inputs of the body; the first of them stands at position `first`."""
        sums = self.body_codes.look_up(stacks).sum(dim=-2)
        inputs: Tensor = self.body_codes(sums, self._num_input_biases)
        return inputs + self.body_places[first : first + stacks.shape[1]]


def _log_prob(logits: Float[Tensor, "b h w d k"], codes: Codes) -> Float[Tensor, " b"]:
    terms = symbol_log_probs(logits, codes.values)
    return terms.flatten(1).sum(dim=1, dtype=torch.float64)
