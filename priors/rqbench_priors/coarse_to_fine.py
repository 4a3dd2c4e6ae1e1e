"""Coarse-to-fine: on dynamic codes, where the coarse codes stand and what they are, then the finer
ones.

Two transformers in series as in Huang et al. 2023 (DQ-Transformer): from the codes so far the first
says where the next code stands; told that place, the second says which code it is. Ours differs
from the published one in what makes the likelihood exact: the rule in `legal.py`, slots numbered in
each image and without pads, no contents but codes, no start or end token between grains.

Three grains and more are ours too; nothing was published for them. Each grain but the last names
its regions; one that holds several codes is named once, and its codes follow in raster order.

The training loss is the likelihood, in which a symbol weighs what it costs in bits. The published
one adds the mean over contents to the mean over positions, of which there are fewer.

A *slot* is the number of a code in its image's order. Axes: b images, n slots, m position symbols,
r regions in raster order, g all grains but the last, c condition tokens, w width.
"""

import math
from collections.abc import Mapping
from typing import Literal

import torch
from einops import rearrange
from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor, nn

from rqbench.api import (
    Choose,
    CodeLayout,
    Codes,
    ConditionSpec,
    PhaseCost,
    Step,
    SymbolNats,
    UnsupportedError,
)

from .coarse_to_fine_state import CoarseToFineState
from .decoding.coarse_to_fine import Parts, draw_slots
from .decoding.head import Head
from .decoding.placed import PlacedInputs
from .decoding.stack import DecodingCache
from .embedding import CodeEmbedding, Prefix
from .generation import draw
from .head import ContentHead
from .independent_regions import independent_regions
from .legal import all_legal, drawing_order, legal_positions, positions, symbol_log_probs
from .places import Places, region_grains
from .sampling_cost import (
    content_cost,
    input_cost,
    logits_cost,
    num_codes,
    num_positions,
    stack_cost,
)
from .symbol_cells import named_nats
from .symbol_prior import SymbolPrior
from .transformer import Stack, TransformerConfig, initialise, learned_table


class CoarseToFineConfig(TransformerConfig):
    """Everything needed to rebuild one coarse-to-fine prior."""

    position_layers: int = Field(2, ge=1, description="blocks that say where")
    content_layers: int = Field(2, ge=1, description="blocks that say what")
    fine_order: Literal["row-first", "region-first"] = Field(
        "row-first", description="the last grain in raster order over the grid, or region by region"
    )


class CoarseToFine(SymbolPrior):
    """Position transformer, then content transformer."""

    Config = CoarseToFineConfig
    models = "dynamic codes of depth 1 (DQ)"

    def __init__(
        self,
        config: CoarseToFineConfig,
        layout: CodeLayout,
        codebook: Float[Tensor, "d k e"] | None = None,
        condition: ConditionSpec | None = None,
    ) -> None:
        super().__init__(config, layout, codebook, condition)
        if not self.supports(layout):
            raise UnsupportedError(
                f"The coarse-to-fine prior models {self.models}, and {layout} is something else. "
                "Choose the raster prior, or the depth-stacked one for codes of fixed length."
            )
        width = config.width
        self.places = Places(layout, config.fine_order)
        self.prefix = Prefix(condition, width)
        self.codes = CodeEmbedding(layout, width, config.inputs, codebook)
        self.place_table = nn.Embedding(len(self.places), width)  # each grain has its own places
        self.grain_table = nn.Embedding(layout.num_grains, width)
        self.slot_table = learned_table(layout.max_codes, width)
        self.embedding_dropout = nn.Dropout(config.embedding_dropout)
        self.position_stack = Stack(config.position_layers, config)
        self.content_stack = Stack(config.content_layers, config)
        namings = layout.num_grains - 1, layout.num_regions + 1  # each with its END
        self.position_norm = nn.LayerNorm(width)
        self.position_head = nn.Linear(width, math.prod(namings), bias=False)
        self.position_bias = nn.Parameter(torch.zeros(namings))
        self.content_head = ContentHead(layout, width, config.output_bias)
        self.apply(initialise)

    @classmethod
    def tiny(cls, layout: CodeLayout, condition: ConditionSpec | None = None) -> "CoarseToFine":
        config = CoarseToFineConfig(position_layers=1, content_layers=1, width=16, heads=2)
        return cls(config, layout, condition=condition)

    @classmethod
    def supports(cls, layout: CodeLayout) -> bool:
        return layout.is_dynamic and layout.depth == 1

    def symbol_log_probs(
        self, codes: Codes, condition: Int[Tensor, "b c"] | None = None
    ) -> Float[Tensor, "b n"]:
        prefix = self.prefix(condition, len(codes))
        regions = region_grains(codes)
        places = self.places.visited(regions)
        contents = self.places.read(codes, places)[..., 0]
        named = positions(regions, self.layout)
        visits = places.clamp(min=0)

        slots = self.slot_table[: places.shape[1]]
        inputs = self._inputs(contents[:, :-1].clamp(min=0), visits[:, :-1]) + slots[1:]
        start = torch.cat([prefix[:, :-1], prefix[:, -1:] + slots[0]], dim=1)
        where = self.position_stack(self.embedding_dropout(torch.cat([start, inputs], dim=1)))
        where = where[:, self.prefix.length - 1 :]
        what = self.content_stack(where + self.place_table(visits))

        slot = rearrange(named.slot, "b m -> b m 1").expand(-1, -1, where.shape[-1])
        legal = legal_positions(
            regions[:, None].expand(-1, named.symbol.shape[1], -1), named.grain, named.last
        )
        logits = self._position_logits(where.gather(1, slot), named.grain)
        terms = (
            symbol_log_probs(logits, named.symbol, legal),
            symbol_log_probs(self.content_head(what[:, :, None])[:, :, 0], contents),
        )
        return torch.cat(terms, dim=1).gather(1, drawing_order(named, contents, self.layout))

    def symbol_nats(self, codes: Codes, condition: Int[Tensor, "b c"] | None = None) -> SymbolNats:
        return named_nats(self.symbol_log_probs(codes, condition), codes, self.places)

    def symbols(self, codes: Codes) -> Int[Tensor, "b n"]:
        regions = region_grains(codes)
        contents = self.places.read(codes, self.places.visited(regions))[..., 0]
        named = positions(regions, self.layout)
        symbols = torch.cat([named.symbol, contents], dim=1)
        return symbols.gather(1, drawing_order(named, contents, self.layout))

    def step(
        self, state: CoarseToFineState, symbols: Int[Tensor, " n"] | None
    ) -> Float[Tensor, "m v"]:
        if symbols is None:
            self._advance(state, state.prefix)
        elif state.expected is not None and state.expected.kind == "position":
            state.take_positions(symbols)
        else:
            self._take_contents(state, symbols)
        if not len(state.rows):
            return state.where[:0]
        return self._ask_position(state) if state.find_choices() else self._ask_content(state)

    def generate(
        self,
        choose: Choose,
        num_images: int,
        condition: Int[Tensor, "b c"] | None = None,
        first_image: int = 0,
    ) -> Codes:
        prefix = self.prefix(condition, num_images)
        if self.position_stack.cache_type is DecodingCache:  # within `faster_steps`
            start = torch.cat([prefix[:, :-1], prefix[:, -1:] + self.slot_table[0]], dim=1)
            return draw_slots(self._parts(num_images), choose, start, first_image)
        layout, length = self.layout, self.prefix.length + self.layout.max_codes - 1
        caches = self.position_stack.cache(length), self.content_stack.cache(layout.max_codes)
        state = CoarseToFineState.begin(self.places, prefix, caches, first_image)
        draw(self.step, state, choose)
        return state.codes()

    def cost(
        self, batch: int, grain_counts: tuple[int, ...] | None = None
    ) -> Mapping[str, PhaseCost]:
        slots, first = num_codes(self.layout, grain_counts), self.prefix.length
        named = num_positions(self.layout, grain_counts)
        entering = input_cost(self.codes, batch, slots - 1)
        naming = logits_cost(self.position_norm, self.position_head, batch, named)
        return {
            "position": entering + stack_cost(self.position_stack, batch, first + slots - 1, first),
            "content": stack_cost(self.content_stack, batch, slots),
            "head": naming + content_cost(self.content_head, batch, slots),
        }

    def warm_start(self, codes: Codes) -> None:
        regions = region_grains(codes)
        contents = self.places.read(codes, self.places.visited(regions)).flatten(0, 1)
        self.content_head.warm_start(contents[contents[:, 0] >= 0])
        counts = torch.bincount(regions.flatten(), minlength=self.layout.num_grains).double()
        with torch.no_grad():
            self.position_bias.copy_(independent_regions(counts, self.layout.num_regions))

    @torch.no_grad()
    def _parts(self, rows: int) -> Parts:
        """What the loop over slots needs, packed for so many rows."""
        table, head = self.place_table.weight, self.content_head
        spots = table + self.grain_table(self.places.grain)
        bias = None if head.bias is None else head.bias[0]
        naming = self.position_head.weight, self.position_bias.flatten()
        return Parts(
            places=self.places,
            position_stack=self.position_stack,
            content_stack=self.content_stack,
            inputs=PlacedInputs(self.codes, spots, self.slot_table, rows),
            regions=Head(self.position_norm, *naming, rows),
            contents=Head(head.norm, head.linear.weight, bias, rows),
            spots=table,
        )

    def _advance(self, state: CoarseToFineState, inputs: Float[Tensor, "m t w"]) -> None:
        """Let the position transformer see the newest code, or the prefix."""
        newest = inputs[:, -1:] + self.slot_table[state.slot]
        inputs = torch.cat([inputs[:, :-1], newest], dim=1)
        state.where = self.position_stack.step(inputs, state.position_cache)[:, -1]

    def _ask_position(self, state: CoarseToFineState) -> Float[Tensor, "n v"]:
        images = state.rows[state.drawing]
        image, ordinal = images + state.first_image, state.ordinal[images]
        state.expected = Step("position", 0, state.legal_regions(), image, ordinal)
        return self._position_logits(state.where[state.drawing], state.grain[images])

    def _ask_content(self, state: CoarseToFineState) -> Float[Tensor, "m v"]:
        state.find_places()
        stream = state.where + self.place_table(state.places)
        what = self.content_stack.step(stream[:, None], state.content_cache)[:, 0]
        logits = self.content_head.at(what, 0)
        legal = all_legal(logits)
        image, ordinal = state.rows + state.first_image, state.ordinal[state.rows]
        state.expected = Step("content", 0, legal, image, ordinal)
        return logits

    def _take_contents(self, state: CoarseToFineState, symbols: Int[Tensor, " m"]) -> None:
        """Write down the newest codes and go on with the images that have more."""
        inputs = self._inputs(symbols[:, None], state.places[:, None])
        going = state.take_contents(symbols)
        if len(going):
            self._advance(state, inputs[going])

    def _inputs(
        self, contents: Int[Tensor, "b n"], places: Int[Tensor, "b n"]
    ) -> Float[Tensor, "b n w"]:
        """Codes with the places they stand at, as inputs; their slots are still missing."""
        codes: Tensor = self.codes(self.codes.look_up(contents[..., None]))[..., 0, :]
        spots: Tensor = self.place_table(places) + self.grain_table(self.places.grain[places])
        return codes + spots

    def _position_logits(
        self, where: Float[Tensor, "*n w"], grain: Int[Tensor, "*n"]
    ) -> Float[Tensor, "*n v"]:
        """Logits of the r regions and END for the grain that names its regions."""
        logits: Tensor = self.position_head(self.position_norm(where))
        logits = logits.view(*grain.shape, *self.position_bias.shape) + self.position_bias
        index = grain[..., None, None].expand(*grain.shape, 1, logits.shape[-1])
        return logits.gather(-2, index).squeeze(-2)
