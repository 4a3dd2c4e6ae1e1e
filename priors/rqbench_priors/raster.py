"""Raster: one code after another in raster order, for every layout.

VQ codes as in Esser et al. 2021 (arXiv:2012.09841). Stacks are flattened, depth innermost. Dynamic
codes begin with their map, the grain of each region in raster order; one content for each code cell
follows, in raster order over the finest grid. Since that sequence of cells differs from image to
image, each input says which place it leads to, and on dynamic codes also which place it comes from.

A *site* is what one symbol of the sequence is about, see `sites.py`. Axes: b images, n symbols,
m of them in the map, c condition tokens, w width.
"""

from collections.abc import Mapping
from typing import Literal

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

from .conditions import check_condition, prefix_length
from .corruption import corrupt
from .decoding.inputs import Inputs, Logits
from .decoding.raster import draw_raster
from .embedding import CodeEmbedding, Prefix, prefix_of_codes
from .generation import draw, open_step
from .head import ContentHead, log_frequencies
from .legal import symbol_log_probs
from .places import Places, region_grains
from .raster_config import RasterConfig, check_inputs, num_inputs
from .raster_state import RasterState
from .sampling_cost import content_cost, input_cost, logits_cost, num_codes, stack_cost
from .sites import Sites
from .soft_targets import soft_cross_entropy
from .symbol_prior import SymbolPrior
from .transformer import Stack, initialise


class Raster(SymbolPrior):
    """One causal transformer over the flattened codes."""

    Config = RasterConfig
    models = "any layout"

    def __init__(
        self,
        config: RasterConfig,
        layout: CodeLayout,
        codebook: Float[Tensor, "d k e"] | None = None,
        condition: ConditionSpec | None = None,
    ) -> None:
        super().__init__(config, layout, codebook, condition)
        check_inputs(config, layout, condition)
        self.places = Places(layout, "raster")
        self.sites = Sites(layout, self.places)
        self.map_length = self.sites.map_length
        self.prefix_length = prefix_length(condition)
        if config.condition_in == "own":
            self.prefix = Prefix(condition, config.width, places=config.places == "target")
        self.codes = CodeEmbedding(layout, config.width, config.inputs, codebook)
        if config.places == "target":
            self.target_sites = nn.Embedding(len(self.sites), config.width)
        else:
            rows = config.num_places or num_inputs(layout, condition)
            self.input_places = nn.Parameter(torch.zeros(rows, config.width))
        self.embedding_dropout = nn.Dropout(config.embedding_dropout)
        self.stack = Stack(config.layers, config)
        self.content_head = ContentHead(layout, config.width, config.output_bias)
        if layout.is_dynamic:
            self.grains = nn.Embedding(layout.num_grains, config.width)
            self.source_sites = nn.Embedding(len(self.sites), config.width)
            self.grain_norm = nn.LayerNorm(config.width)
            self.grain_head = nn.Linear(config.width, layout.num_grains)
        self.apply(initialise)

    @classmethod
    def tiny(cls, layout: CodeLayout, condition: ConditionSpec | None = None) -> "Raster":
        return cls(RasterConfig(layers=1, width=16, heads=2), layout, condition=condition)

    @classmethod
    def supports(cls, layout: CodeLayout) -> bool:
        return True

    def symbol_log_probs(
        self, codes: Codes, condition: Int[Tensor, "b c"] | None = None
    ) -> Float[Tensor, "b n"]:
        symbols = self.symbols(codes)
        maps, logits = self._outputs(codes, condition)
        result = symbol_log_probs(logits, symbols[:, self.map_length :])
        if not self.map_length:
            return result
        grain_logits = self.grain_head(self.grain_norm(maps))
        grains = symbol_log_probs(grain_logits, symbols[:, : self.map_length])
        return torch.cat([grains, result], dim=1)

    def symbol_nats(self, codes: Codes, condition: Int[Tensor, "b c"] | None = None) -> SymbolNats:
        nats, sites = -self.symbol_log_probs(codes, condition), self.sites.of(region_grains(codes))
        return SymbolNats(nats, self.sites.in_map(sites), self.sites.cells(sites))

    @classmethod
    def takes_soft_targets(cls, layout: CodeLayout) -> bool:
        return not layout.is_dynamic

    def loss(self, batch: PriorBatch) -> Float[Tensor, ""]:
        if batch.soft_targets is None or self.map_length:
            return super().loss(batch)
        logits = self.logits(batch.codes, batch.condition)
        return soft_cross_entropy(logits, batch.soft_targets.flatten(1, 3))

    def logits(
        self, codes: Codes, condition: Int[Tensor, "b c"] | None = None
    ) -> Float[Tensor, "b n v"]:
        """Teacher-forced logits of contents in the order they are drawn, v = codebook_size. Codes
        of fixed length have n = h w d of them; past an image's end they mean nothing."""
        return self._outputs(codes, condition)[1]

    def _outputs(
        self, codes: Codes, condition: Int[Tensor, "b c"] | None
    ) -> tuple[Float[Tensor, "b m w"], Float[Tensor, "b n k"]]:
        """The stream at the map's symbols, and the logits of all contents."""
        symbols, sites = self.symbols(codes), self.sites.of(region_grains(codes))
        keep, size = self.config.keep_probability, self.layout.codebook_size
        if self.training and keep < 1:
            symbols = corrupt(symbols, keep, size, first=self.map_length)
        inputs = self._inputs(symbols, sites)[:, :-1]
        inputs = torch.cat([self._prefix(condition, len(codes)), inputs], dim=1)
        sequence = self.embedding_dropout(self._placed(inputs, sites, first=0))
        stream = self.stack(sequence)[:, self.prefix_length - 1 :]
        maps, contents = stream.split([self.map_length, stream.shape[1] - self.map_length], dim=1)
        stacks = rearrange(contents, "b (n d) w -> b n d w", d=self.layout.depth)
        return maps, self.content_head(stacks).flatten(1, 2)

    def _prefix(
        self, condition: Int[Tensor, "b c"] | None, num_images: int
    ) -> Float[Tensor, "b c w"]:
        """The tokens in front of all codes."""
        if self.config.condition_in == "own":
            tokens: Tensor = self.prefix(condition, num_images)
            return tokens
        check_condition(self.condition, condition, num_images)
        return prefix_of_codes(self.codes, condition, num_images, self.config.start_code)

    def _placed(
        self, inputs: Float[Tensor, "b t w"], sites: Int[Tensor, "b n"], first: int
    ) -> Float[Tensor, "b t w"]:
        """Inputs with their places: their own, of which `first` is the first one's, or the sites
        that the last n of them lead to."""
        if self.config.places == "input":
            return inputs + self.input_places[first : first + inputs.shape[1]]
        targets = self.target_sites(sites.clamp(min=0))
        return inputs + F.pad(targets, (0, 0, inputs.shape[1] - targets.shape[1], 0))

    def step(self, state: RasterState, symbols: Int[Tensor, " n"] | None) -> Float[Tensor, "m v"]:
        if symbols is None:
            inputs = state.prefix
        else:
            sites = state.sites[state.rows, state.drawn]
            inputs = self._input_at(symbols, sites, state.drawn)
            inputs = inputs[state.take(symbols, self.sites)]
            if not len(inputs):
                return inputs[:, 0]
        sites = state.sites[state.rows, state.drawn, None]
        inputs = self._placed(inputs, sites, first=state.cache.length)
        newest = self.stack.step(inputs, state.cache)[:, -1]
        depth = max(state.drawn - self.map_length, 0) % self.layout.depth
        in_map = state.drawn < self.map_length
        logits: Tensor = (
            self.grain_head(self.grain_norm(newest))
            if in_map
            else self.content_head.at(newest, depth)
        )
        kind: Literal["grain", "content"] = "grain" if in_map else "content"
        images = state.rows + state.first_image
        state.expected = open_step(kind, depth, logits, images, state.drawn)
        return logits

    def generate(
        self,
        choose: Choose,
        num_images: int,
        condition: Int[Tensor, "b c"] | None = None,
        first_image: int = 0,
    ) -> Codes:
        prefix = self._prefix(condition, num_images)
        cache = self.stack.cache(num_inputs(self.layout, self.condition) + self.map_length)
        state = RasterState.begin(prefix, cache, self.sites, first_image)
        draw(self.step, state, choose)
        contents = state.symbols[:, self.map_length :]
        stacks = rearrange(contents, "b (n d) -> b n d", d=self.layout.depth)
        return self.places.write(stacks, self.sites.region_grains(state.symbols))

    @property
    def has_lockstep(self) -> bool:
        return not self.layout.is_dynamic

    def generate_lockstep(
        self, choose: ChooseAll, num_images: int, condition: Int[Tensor, "b c"] | None = None
    ) -> Codes:
        prefix, layout = self._prefix(condition, num_images), self.layout
        shape = num_images, layout.num_regions
        grains = torch.zeros(shape, dtype=torch.int64, device=prefix.device)
        places = (
            self.input_places[self.prefix_length :]
            if self.config.places == "input"
            else self.target_sites(self.sites.of(grains.new_zeros(1, layout.num_regions))[0, 1:])
        )
        codes = draw_raster(
            self.stack,
            Inputs(self.codes, places, num_images),
            Logits(self.content_head, layout.depth, num_images),
            layout,
            choose,
            self._placed(prefix, self.sites.of(grains)[:, :1], first=0),
        )
        return self.places.write(rearrange(codes, "b (n d) -> b n d", d=layout.depth), grains)

    def symbols(self, codes: Codes) -> Int[Tensor, "b n"]:
        grains = region_grains(codes)
        contents = self.places.read(codes, self.places.visited(grains)).flatten(1)
        return torch.cat([grains, contents], dim=1) if self.map_length else contents

    def cost(
        self, batch: int, grain_counts: tuple[int, ...] | None = None
    ) -> Mapping[str, PhaseCost]:
        contents, first = num_codes(self.layout, grain_counts), self.prefix_length
        body = stack_cost(self.stack, batch, first + self.map_length + contents - 1, first)
        body += input_cost(self.codes, batch, contents - 1)
        head = content_cost(self.content_head, batch, contents)
        if self.map_length:
            head += logits_cost(self.grain_norm, self.grain_head, batch, self.map_length)
        return {"body": body, "head": head}

    def warm_start(self, codes: Codes) -> None:
        symbols = self.symbols(codes)
        stacks = rearrange(symbols[:, self.map_length :], "b (n d) -> (b n) d", d=self.layout.depth)
        self.content_head.warm_start(stacks[stacks[:, 0] >= 0])
        if self.map_length:
            grains = symbols[:, : self.map_length].flatten()
            with torch.no_grad():
                self.grain_head.bias.copy_(log_frequencies(grains, self.layout.num_grains))

    def _inputs(
        self, symbols: Int[Tensor, "b n"], sites: Int[Tensor, "b n"]
    ) -> Float[Tensor, "b n w"]:
        """All symbols of a sequence as inputs."""
        contents = symbols[:, self.map_length :].clamp(min=0)
        stacks = rearrange(contents, "b (n d) -> b n d", d=self.layout.depth)
        inputs: Tensor = self.codes(self.codes.look_up(stacks)).flatten(1, 2)
        if not self.map_length:
            return inputs
        grains = self.grains(symbols[:, : self.map_length])
        sources: Tensor = self.source_sites(sites.clamp(min=0))
        return torch.cat([grains, inputs], dim=1) + sources

    def _input_at(
        self, symbols: Int[Tensor, " n"], sites: Int[Tensor, " n"], ordinal: int
    ) -> Float[Tensor, "n 1 w"]:
        """One symbol of each row as inputs; `ordinal` says where in the sequence it stands."""
        if ordinal < self.map_length:
            inputs: Tensor = self.grains(symbols)
        else:
            depth = (ordinal - self.map_length) % self.layout.depth
            inputs = self.codes(self.codes.look_up(symbols[:, None], depth))[:, 0]
        return (inputs + self.source_sites(sites) if self.map_length else inputs)[:, None]
