"""The DQ-Transformer as published: where the next code stands, then what it is.

Two transformers in series (Huang et al. 2023, arXiv:2305.11718, and their released code), with the
published tables, heads and sequences (`dq_tokens.py`), so that published weights fit. What differs
is what makes the likelihood exact: the published logits count among the legal symbols of `legal.py`
only, tokens that have no choice cost nothing, and images are padded behind their end only. An image
alone in its batch gets exactly the published logits. `CoarseToFine` is the same idea without tokens
that are no codes, and for any number of grains.

A *slot* is the number of a token in its image's sequence; from each the next token is predicted.
Axes: b images, n codes or symbols, t slots but the last, m rows that draw, c start tokens.
"""

from collections.abc import Mapping

import torch
from einops import rearrange
from jaxtyping import Float, Int
from torch import Tensor

from rqbench.api import (
    Choose,
    CodeLayout,
    Codes,
    ConditionSpec,
    ConfigError,
    PhaseCost,
    PriorBatch,
    SymbolNats,
    UnsupportedError,
)

from .conditions import check_condition
from .dq_drawing import content_stream, drawing_cost, see_next, see_starts
from .dq_losses import published_loss
from .dq_network import DQNetwork, DQTransformerConfig
from .dq_rules import DQRules
from .dq_tokens import Alphabets, Tokens, serialise, slots_before
from .dq_transformer_state import DQTransformerState
from .generation import draw
from .legal import drawing_order, legal_positions, positions, symbol_log_probs
from .places import Places, region_grains
from .symbol_cells import named_nats
from .symbol_prior import SymbolPrior

AS_TRAINED = DQRules()


class DQTransformer(SymbolPrior):
    """Position transformer, then content transformer, over published tokens."""

    Config = DQTransformerConfig
    models = "dynamic codes of two grains and depth 1 (DQ)"

    def __init__(
        self,
        config: DQTransformerConfig,
        layout: CodeLayout,
        codebook: Float[Tensor, "d k e"] | None = None,
        condition: ConditionSpec | None = None,
    ) -> None:
        super().__init__(config, layout, codebook, condition)
        if not self.supports(layout):
            raise UnsupportedError(
                f"The DQ-Transformer models {self.models}, and {layout} is something else. "
                "Choose the coarse-to-fine prior for more grains, the raster prior for any codes."
            )
        self.places = Places(layout, config.fine_order)
        self.alphabets = Alphabets.of(layout, condition)
        self.num_slots = self.alphabets.num_tokens(layout.max_codes) - 1  # the last is no input
        if config.block_size is not None and config.block_size < self.num_slots:
            raise ConfigError(
                f"block_size is {config.block_size}, and images of {layout} have up to "
                f"{self.num_slots} tokens before their last. Set it to that at least, or leave it "
                "out."
            )
        self.network = DQNetwork(config, self.alphabets, config.block_size or self.num_slots)

    @classmethod
    def tiny(cls, layout: CodeLayout, condition: ConditionSpec | None = None) -> "DQTransformer":
        config = DQTransformerConfig(position_layers=1, content_layers=1, width=16, heads=2)
        return cls(config, layout, condition=condition)

    @classmethod
    def supports(cls, layout: CodeLayout) -> bool:
        return layout.num_grains == 2 and layout.depth == 1

    def logits(
        self, codes: Codes, condition: Int[Tensor, "b c"] | None = None
    ) -> tuple[Float[Tensor, "b t cells"], Float[Tensor, "b t contents"]]:
        """Raw teacher-forced logits of positions and of contents over all ids of `alphabets`: those
        at slot t are about the token at slot t + 1. Behind an image's end they mean nothing."""
        return self._logits(self._tokens(codes, condition, AS_TRAINED))

    def symbol_log_probs(
        self, codes: Codes, condition: Int[Tensor, "b c"] | None = None
    ) -> Float[Tensor, "b n"]:
        """The terms of `log_prob` in nats, aligned with `symbols(codes)`; 0 past an image's end.

        Raises:
            UnsupportedError: rules under which an image's codes have no sequence, or several.
        """
        self._check_rules()
        return self._terms(codes, condition, self.config.rules)

    def loss(self, batch: PriorBatch) -> Float[Tensor, ""]:
        """As in `Prior`, or as published; on the sequence as trained, whatever the rules of
        drawing."""
        if batch.soft_targets is not None:
            return super().loss(batch)
        if self.config.loss == "published":
            tokens = self._tokens(batch.codes, batch.condition, AS_TRAINED)
            return published_loss(*self._logits(tokens), tokens)
        terms = self._terms(batch.codes, batch.condition, AS_TRAINED)
        return -terms.sum(dim=1, dtype=torch.float64).mean() / self.layout.max_codes

    def symbol_nats(self, codes: Codes, condition: Int[Tensor, "b c"] | None = None) -> SymbolNats:
        return named_nats(self.symbol_log_probs(codes, condition), codes, self.places)

    def symbols(self, codes: Codes) -> Int[Tensor, "b n"]:
        self._check_rules()
        regions = region_grains(codes)
        contents = self.places.read(codes, self.places.visited(regions))[..., 0]
        named = positions(regions, self.layout)
        symbols = torch.cat([named.symbol, contents], dim=1)
        return symbols.gather(1, drawing_order(named, contents, self.layout))

    def step(
        self, state: DQTransformerState, symbols: Int[Tensor, " n"] | None
    ) -> Float[Tensor, "m v"]:
        if symbols is None:
            see_starts(self.network, state)
        elif state.expected is not None and state.expected.kind == "position":
            state.take_positions(symbols)
        else:
            state.take_contents(symbols)
            see_next(self.network, state)
        while len(state.rows):
            if state.find_positions():
                where = state.where[state.drawing]
                return state.naming.with_end(self.network.position_logits(where))
            if state.release():
                what = content_stream(self.network, state)
                if state.find_contents():
                    return self._code_logits(what[state.drawing])
                see_next(self.network, state)
        return state.where[:0]

    def generate(
        self,
        choose: Choose,
        num_images: int,
        condition: Int[Tensor, "b c"] | None = None,
        first_image: int = 0,
    ) -> Codes:
        network, unshifted = self.network, self.config.rules.coarse_context == "unshifted"
        caches = (
            network.position_stack.cache(self.num_slots),
            network.content_stack.cache(self.num_slots),
            network.content_stack.cache(self.num_slots) if unshifted else None,
        )
        state = DQTransformerState.begin(
            self.places,
            self.alphabets,
            self.config.rules,
            self._starts(condition, num_images),
            self.condition is not None,
            caches,
            first_image,
        )
        draw(self.step, state, choose)
        return state.codes()

    def cost(
        self, batch: int, grain_counts: tuple[int, ...] | None = None
    ) -> Mapping[str, PhaseCost]:
        """See `Prior`. Where fine positions are drawn, an image is taken to name all its cells."""
        rules = self.config.rules
        return drawing_cost(self.network, self.layout, self.alphabets, rules, batch, grain_counts)

    def _check_rules(self) -> None:
        if not self.config.rules.tell_maps_once:
            raise UnsupportedError(
                "Under these rules of drawing an image's codes have no sequence of symbols, or "
                "several, so that there is no likelihood and no rate. Set coarse_order: "
                "increasing, last_region: free and fine_positions: given."
            )

    def _starts(self, condition: Int[Tensor, "b c"] | None, num_images: int) -> Int[Tensor, "b c"]:
        """The condition, or the one start symbol of unconditional models."""
        check_condition(self.condition, condition, num_images)
        if condition is not None:
            return condition
        return torch.zeros(num_images, 1, dtype=torch.int64, device=self.places.cell.device)

    def _tokens(self, codes: Codes, condition: Int[Tensor, "b c"] | None, rules: DQRules) -> Tokens:
        regions = region_grains(codes)
        places = self.places.visited(regions)
        coarse = self.places.grain[places] == 0
        spots = torch.where(coarse, self.places.region[places], self.places.cell[places])
        return serialise(
            self.places.read(codes, places)[..., 0],
            spots,
            (regions == 0).sum(dim=1),
            self._starts(condition, len(codes)),
            self.alphabets,
            rules.end_content(self.alphabets.contents),
        )

    def _logits(
        self, tokens: Tokens
    ) -> tuple[Float[Tensor, "b t cells"], Float[Tensor, "b t contents"]]:
        where, what = self.network.streams(tokens, AS_TRAINED)
        return self.network.position_logits(where), self.network.content_logits(what)

    def _terms(
        self, codes: Codes, condition: Int[Tensor, "b c"] | None, rules: DQRules
    ) -> Float[Tensor, "b n"]:
        """See `symbol_log_probs`."""
        where, what = self.network.streams(self._tokens(codes, condition, rules), rules)
        regions, start = region_grains(codes), self.alphabets.num_starts
        contents = self.places.read(codes, self.places.visited(regions))[..., 0]
        named = positions(regions, self.layout)
        legal = legal_positions(
            regions[:, None].expand(-1, named.symbol.shape[1], -1), named.grain, named.last
        )
        before = slots_before(contents.shape[1], (regions == 0).sum(dim=1), start)
        namings = self.network.position_logits(_at(where, named.slot + start - 1))
        terms = (
            symbol_log_probs(self.alphabets.regions.with_end(namings), named.symbol, legal),
            symbol_log_probs(self._code_logits(_at(what, before)), contents),
        )
        return torch.cat(terms, dim=1).gather(1, drawing_order(named, contents, self.layout))

    def _code_logits(self, what: Float[Tensor, "*n w"]) -> Float[Tensor, "*n k"]:
        """Those of the codes; the ids of ends, pads and start tokens have no probability."""
        return self.network.content_logits(what)[..., : self.layout.codebook_size]


def _at(stream: Float[Tensor, "b t w"], slot: Int[Tensor, "b n"]) -> Float[Tensor, "b n w"]:
    """The stream at some slots of each image."""
    return stream.gather(1, rearrange(slot, "b n -> b n 1").expand(-1, -1, stream.shape[-1]))
