"""Images that the DQ-Transformer is drawing: what is decided, and who draws next.

All images are at the same slot. Some draw a position for the next one, some are given it (the end
of the coarse part where nothing is left to name, start tokens, fine cells that follow from the
map); then those whose next token is a code draw its content.

Axes: b images, m those of them that still draw, n of those the ones that draw now, r regions in
raster order, c start tokens, w width.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from einops import rearrange
from jaxtyping import Bool, Float, Int
from torch import Tensor

from rqbench.api import CodeLayout, Codes, Step, spread

from .dq_rules import DQRules, legal_cells, legal_regions
from .dq_tokens import Alphabet, Alphabets
from .generation import State
from .legal import has_choice
from .places import Places
from .transformer import KeyValueCache

UNKNOWN = -1
NEVER = torch.iinfo(torch.int64).max


@dataclass(kw_only=True)
class DQTransformerState(State):
    """Rows of the caches leave when their image is complete.

    Attributes:
        order: Int[cells], all cells as the fine part visits them.
        region: Int[cells], the region of each cell; corner: Int[r], the top-left cell of each.
        starts: Int[b c], condition symbols.
        start_cells: Int[b], see `legal_cells`.
        regions: Int[b r]; those not named as coarse hold 1.
        written: Bool[b cells], the cells whose fine code is drawn, or given up.
        values: Int[b cells], the codes so far, coarse ones in the corner of their region.
        end: Int[b], the slot of the coarse part's end, `NEVER` while it is not decided.
        position, content: Int[b], ids of the next slot's token, `UNKNOWN` while it is not decided.
        ordinal: Int[b], how many symbols each image has.
        rows: Int[m], the images that still draw, in the order of the caches' rows.
        drawing: Int[n], which of the m rows the newest logits are about.
        naming: regions or cells, which of them the newest position logits are about.
        where: Float[m w], what the position transformer says at this slot.
        here: Float[m w], the vector of this slot's own position.
        unshifted_cache: of the content transformer in the eyes of fine codes, where they see the
            coarse part as coarse codes do not.
        slot: the newest that the position transformer has seen.
    """

    layout: CodeLayout
    alphabets: Alphabets
    rules: DQRules
    order: Int[Tensor, " cells"]
    region: Int[Tensor, " cells"]
    corner: Int[Tensor, " r"]
    starts: Int[Tensor, "b c"]
    start_cells: Int[Tensor, " b"] | None
    regions: Int[Tensor, "b r"]
    written: Bool[Tensor, "b cells"]
    values: Int[Tensor, "b cells"]
    end: Int[Tensor, " b"]
    position: Int[Tensor, " b"]
    content: Int[Tensor, " b"]
    ordinal: Int[Tensor, " b"]
    rows: Int[Tensor, " m"]
    drawing: Int[Tensor, " n"]
    naming: Alphabet
    where: Float[Tensor, "m w"]
    here: Float[Tensor, "m w"]
    position_cache: KeyValueCache
    content_cache: KeyValueCache
    unshifted_cache: KeyValueCache | None
    first_image: int
    slot: int

    @classmethod
    def begin(
        cls,
        places: Places,
        alphabets: Alphabets,
        rules: DQRules,
        starts: Int[Tensor, "b c"],
        conditional: bool,
        caches: tuple[KeyValueCache, KeyValueCache, KeyValueCache | None],
        first_image: int,
    ) -> "DQTransformerState":
        """Nothing decided; the start tokens are the newest slots, and not yet seen.

        Args:
            conditional: whether the start tokens are a condition.
            caches: see the class.
        """
        rows = torch.arange(len(starts), device=starts.device)
        order = places.cell[places.grain == 1]
        region = torch.empty_like(order)
        region[order] = places.region[places.grain == 1]
        return cls(
            layout=places.layout,
            alphabets=alphabets,
            rules=rules,
            order=order,
            region=region,
            corner=places.corners,
            starts=starts,
            start_cells=alphabets.regions.start + starts[:, 0] if conditional else None,
            regions=starts.new_ones(len(rows), places.layout.num_regions),
            written=starts.new_zeros(len(rows), len(order), dtype=torch.bool),
            values=starts.new_zeros(len(rows), len(order)),
            end=torch.full_like(rows, NEVER),
            position=torch.full_like(rows, UNKNOWN),
            content=torch.full_like(rows, UNKNOWN),
            ordinal=torch.zeros_like(rows),
            rows=rows,
            drawing=rows,
            naming=alphabets.regions,
            where=torch.empty(len(rows), 0),
            here=torch.empty(len(rows), 0),
            position_cache=caches[0],
            content_cache=caches[1],
            unshifted_cache=caches[2],
            first_image=first_image,
            slot=alphabets.num_starts - 1,
        )

    @property
    def is_fine(self) -> Bool[Tensor, " m"]:
        """The rows whose token at this slot belongs to the fine part."""
        return self.slot > self.end[self.rows]

    @property
    def next_is_fine(self) -> Bool[Tensor, " m"]:
        """The rows whose next token belongs to the fine part."""
        return self.slot >= self.end[self.rows]

    def open_slot(self) -> None:
        """Go to the next slot; its token is known where it is a start token or a given cell."""
        self.slot += 1
        count = self.alphabets.num_starts
        since = self.slot - self.end[self.rows]  # below 0 in the coarse part
        start = self.starts[self.rows].gather(1, since.clamp(0, count - 1)[:, None])[:, 0]
        starting = (since >= 0) & (since < count)
        position = torch.where(starting, start + self.alphabets.cells.start, UNKNOWN)
        content = torch.where(starting, start + self.alphabets.contents.start, UNKNOWN)
        if self.rules.fine_positions == "given":
            first = self._free_cells(self.rows)[:, self.order].byte().argmax(dim=1)
            position = torch.where(since >= count, self.order[first], position)
        self.position[self.rows], self.content[self.rows] = position, content

    def find_positions(self) -> bool:
        """Find the rows that draw a position now, regions before cells; whether there are any.

        Rows that have nothing to choose from end their part without a symbol."""
        unknown, fine = self.position[self.rows] == UNKNOWN, self.next_is_fine
        for kind, naming in ((~fine, self.alphabets.regions), (fine, self.alphabets.cells)):
            rows, self.naming = (unknown & kind).nonzero()[:, 0], naming
            legal = self._legal(self.rows[rows])
            choice = has_choice(legal)
            self._end_part(self.rows[rows[~choice]])
            self.drawing = rows[choice]
            if len(self.drawing):
                self._expect("position", legal[choice])
                return True
        return False

    def take_positions(self, symbols: Int[Tensor, " n"]) -> None:
        images = self.rows[self.drawing]
        ends = symbols == self.naming.payload
        named, symbols = images[~ends], symbols[~ends]
        self.position[named] = symbols
        if self.naming is self.alphabets.regions:
            self.regions[named, symbols] = 0
        self._end_part(images[ends])
        self.ordinal[images] += 1

    def find_contents(self) -> bool:
        """Find the rows that draw a content now; whether there are any."""
        self.drawing = (self.content[self.rows] == UNKNOWN).nonzero()[:, 0]
        every = torch.ones((), dtype=torch.bool, device=self.drawing.device)
        self._expect("content", every.expand(len(self.drawing), self.layout.codebook_size))
        return len(self.drawing) > 0

    def take_contents(self, symbols: Int[Tensor, " n"]) -> None:
        images, fine = self.rows[self.drawing], self.next_is_fine[self.drawing]
        position = self.position[images]
        cell = torch.where(fine, position, self.corner[position.masked_fill(fine, 0)])
        self.values[images, cell] = symbols
        self.written[images, cell] |= fine
        self.content[images] = symbols
        self.ordinal[images] += 1

    def release(self) -> bool:
        """Let complete images leave; whether any stay."""
        more = (self.content[self.rows] == UNKNOWN) | self._free_cells(self.rows).any(dim=1)
        going = more.nonzero()[:, 0]
        if len(going) < len(self.rows):
            self.rows, self.where, self.here = self.rows[going], self.where[going], self.here[going]
            for cache in (self.position_cache, self.content_cache, self.unshifted_cache):
                if cache is not None:
                    cache.select(going)
        return len(going) > 0

    def codes(self) -> Codes:
        """Of all images, once each is complete."""
        rows, columns = self.layout.region_grid
        grain_map = rearrange(self.regions, "b (r c) -> b r c", r=rows, c=columns)
        grid = rearrange(self.values, "b (h w) -> b h w 1", h=self.layout.height)
        return Codes(spread(grid, grain_map, self.layout), self.layout, grain_map)

    def _expect(
        self, kind: Literal["position", "content"], legal: Bool[Tensor, "n symbols"]
    ) -> None:
        images = self.rows[self.drawing]
        self.expected = Step(kind, 0, legal, images + self.first_image, self.ordinal[images])

    def _free_cells(self, images: Int[Tensor, " n"]) -> Bool[Tensor, "n cells"]:
        """Cells of fine regions that have no code yet, in raster order."""
        return (self.regions[images][:, self.region] == 1) & ~self.written[images]

    def _legal(self, images: Int[Tensor, " n"]) -> Bool[Tensor, "n symbols"]:
        """What these images may name next."""
        if self.naming is self.alphabets.regions:
            return legal_regions(self.regions[images], self.rules)
        start_cells = None if self.start_cells is None else self.start_cells[images]
        return legal_cells(self._free_cells(images), start_cells, self.rules)

    def _end_part(self, images: Int[Tensor, " n"]) -> None:
        """End what these images name now."""
        self.position[images] = self.naming.end
        if self.naming is self.alphabets.regions:
            self.content[images] = self.rules.end_content(self.alphabets.contents)
            self.end[images] = self.slot + 1
        else:
            self.content[images] = self.alphabets.contents.end
            self.written[images] = True
