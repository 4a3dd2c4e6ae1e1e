"""Images that the coarse-to-fine prior is drawing: what is decided, and who draws next.

Axes: b images, m those of them that still draw, n of those the ones that draw now, r regions in
raster order, v vocabulary, w width.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from rqbench.api import Codes

from .generation import State
from .legal import has_choice, last_named, legal_positions
from .places import Places
from .transformer import KeyValueCache


@dataclass(kw_only=True)
class CoarseToFineState(State):
    """Rows of the caches leave when their image is complete.

    Attributes:
        visits: the places of the layout, in order.
        regions: Int[b r] of all images; regions not yet decided hold the last grain.
        grain: Int[b], which grain names its regions now; the last one names none.
        contents: Int[b n] of all images by slot.
        ordinal: Int[b], how many symbols each image has.
        rows: Int[m], the images that still draw, in the order of the caches' rows.
        drawing: Int[n], which of the m rows the newest logits are about.
        where: Float[m w], what the position transformer says at this slot.
        places: Int[m], where this slot's codes stand.
        slot: how many codes each of the m images has.
    """

    visits: Places
    prefix: Tensor
    position_cache: KeyValueCache
    content_cache: KeyValueCache
    regions: Tensor
    grain: Tensor
    contents: Tensor
    ordinal: Tensor
    rows: Tensor
    drawing: Tensor
    where: Tensor
    places: Tensor
    first_image: int
    slot: int = 0

    @classmethod
    def begin(
        cls,
        visits: Places,
        prefix: Tensor,
        caches: tuple[KeyValueCache, KeyValueCache],
        first_image: int,
    ) -> "CoarseToFineState":
        """Nothing decided yet. The caches are those of the position and the content transformer."""
        layout, rows = visits.layout, torch.arange(len(prefix), device=prefix.device)
        return cls(
            visits=visits,
            prefix=prefix,
            position_cache=caches[0],
            content_cache=caches[1],
            regions=rows.new_full((len(rows), layout.num_regions), layout.num_grains - 1),
            grain=torch.zeros_like(rows),
            contents=rows.new_zeros(len(rows), layout.max_codes),
            ordinal=torch.zeros_like(rows),
            rows=rows,
            drawing=rows,
            where=prefix[:, -1],
            places=rows,
            first_image=first_image,
        )

    def find_choices(self) -> bool:
        """Find the rows that name a region now; a grain that has nothing to choose from ends."""
        last_grain = self.visits.layout.num_grains - 1
        regions = self.regions[self.rows]
        decided = self.visits.active(regions) & (self.visits.grain < last_grain)
        naming = decided.sum(dim=1) == self.slot  # the codes of all regions named so far are drawn
        for _ in range(last_grain):
            grain = self.grain[self.rows]
            legal = legal_positions(regions, grain, last_named(regions, grain))
            self.grain[self.rows] += naming & (grain < last_grain) & ~has_choice(legal)
        self.drawing = (naming & (self.grain[self.rows] < last_grain)).nonzero()[:, 0]
        return len(self.drawing) > 0

    def legal_regions(self) -> Bool[Tensor, "n v"]:
        """What the drawing rows may name."""
        images = self.rows[self.drawing]
        regions, grain = self.regions[images], self.grain[images]
        return legal_positions(regions, grain, last_named(regions, grain))

    def take_positions(self, symbols: Int[Tensor, " n"]) -> None:
        images, num_regions = self.rows[self.drawing], self.visits.layout.num_regions
        ends = symbols == num_regions
        named = images, symbols.clamp(max=num_regions - 1)
        self.regions[named] = torch.where(ends, self.regions[named], self.grain[images])
        self.grain[images] += ends
        self.ordinal[images] += 1

    def find_places(self) -> None:
        """Find where the codes of this slot stand."""
        self.places = self.visits.at(self.regions[self.rows], self.slot)

    def take_contents(self, symbols: Int[Tensor, " m"]) -> Int[Tensor, " _"]:
        """Write down the newest codes and let complete images leave; which of the m rows go on."""
        self.contents[self.rows, self.slot] = symbols
        self.ordinal[self.rows] += 1
        self.slot += 1
        lengths = self.visits.active(self.regions[self.rows]).sum(dim=1)
        going = (lengths > self.slot).nonzero()[:, 0]
        if len(going) < len(self.rows):
            self.rows = self.rows[going]
            self.position_cache.select(going)
            self.content_cache.select(going)
        return going

    def codes(self) -> Codes:
        """Of all images, once each is complete."""
        return self.visits.write(self.contents[..., None], self.regions)
