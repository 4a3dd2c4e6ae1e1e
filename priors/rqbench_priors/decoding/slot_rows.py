"""Rows of images that are drawn slot after slot: what is decided of each, kept up to date by
operations whose shapes depend on no value.

It is `CoarseToFineState` for rows that do not leave as soon as they have ended.

Axes: b images, k rows, m rows that stay, r regions in raster order, n slots, v position symbols.
"""

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from rqbench.api import Codes
from rqbench_priors.legal import has_choice, legal_positions
from rqbench_priors.places import Places

OF_ROWS = (
    "row", "regions", "contents", "grain", "last", "to_come", "length", "ordinal", "drawing",
    "newest", "place",
)  # fmt: skip


class SlotRows:
    """
    Attributes:
        row: Int[k], each one's number among all images.
        regions: Int[k r+1]; regions not yet decided hold the last grain. One column is to spare.
        contents: Int[k n] by slot.
        grain: Int[k], which grain names its regions now; the last one names none.
        last: Int[k], the region that this grain named last, -1 if none.
        to_come: Int[k], codes still to be drawn of the region that was named last; below 0 in the
            last grain.
        length: Int[k], codes of the image if nothing more is named: it never grows.
        ordinal: Int[k], how many symbols each has; of one that has ended, the number of its newest.
        drawing: Bool[k], whether there are codes to draw.
        newest, place: Int[k], each one's newest code and where it stands; of images that have ended
            anything.
        asked, naming: Bool[k], whose turn it was to name a region when that was asked last, and who
            of them has something to choose from.
    """

    def __init__(self, places: Places, row: Int[Tensor, " k"]) -> None:
        layout, num = places.layout, len(row)
        self.places, self.layout, self.row = places, layout, row
        self.regions = row.new_full((num, layout.num_regions + 1), layout.num_grains - 1)
        self.contents = row.new_zeros(num, layout.max_codes)
        self.grain, self.to_come = torch.zeros_like(row), torch.zeros_like(row)
        self.last, self.ordinal = torch.full_like(row, -1), torch.zeros_like(row)
        self.length = torch.full_like(row, layout.max_codes)
        self.drawing = torch.ones_like(row, dtype=torch.bool)
        self.newest, self.place = torch.zeros_like(row), torch.zeros_like(row)
        self.asked = self.naming = self.drawing
        self.all_regions = row.new_empty(num, layout.num_regions)
        self.all_contents = torch.empty_like(self.contents)

    def __len__(self) -> int:
        return len(self.row)

    def ask_region(self, grain: int) -> Bool[Tensor, "k v"]:
        """What may be named with this grain; `naming` says who does. Who would, and has nothing to
        choose from, goes on to the next grain in `take_region`."""
        every = torch.full_like(self.row, grain)
        legal = legal_positions(self.regions[:, :-1], every, self.last)
        self.asked = (self.grain == grain) & (self.to_come == 0)
        self.naming = self.asked & has_choice(legal)
        return legal

    def take_region(self, grain: int, symbols: Int[Tensor, " k"]) -> None:
        """What rows that name a region were asked for; of the others anything."""
        spare = self.layout.num_regions  # which is END too
        per_region = self.layout.codes_per_region
        target = symbols.masked_fill(~self.naming, spare)
        self.regions.scatter_(1, target[:, None], grain)
        named = target < spare
        self.to_come.masked_fill_(named, per_region[grain])
        self.length.sub_(named * (per_region[-1] - per_region[grain]))
        newest = target.masked_fill(~named, -1)
        self.last = torch.where(self.asked, newest, self.last)
        self.grain += self.asked & ~named
        self.ordinal = self.ordinal + self.naming  # the old one belongs to a step

    def find_places(self, slot: int) -> None:
        """Find where the codes of this slot stand."""
        self.place = self.places.at(self.regions[:, :-1], slot)

    def take_contents(self, slot: int, symbols: Int[Tensor, " k"]) -> None:
        self.contents[:, slot] = self.newest = symbols
        self.to_come -= 1
        self.drawing = self.length > slot + 1
        self.ordinal = self.ordinal + self.drawing

    def keep(self, num: int) -> Int[Tensor, " m"]:
        """Keep so many rows, those that draw before any others; gives their old numbers."""
        self._write_down()
        kept = self.drawing.byte().argsort(descending=True, stable=True)[:num]
        for name in OF_ROWS:
            setattr(self, name, getattr(self, name)[kept])
        return kept

    def codes(self) -> Codes:
        """Of all images, once each is complete."""
        self._write_down()
        return self.places.write(self.all_contents[..., None], self.all_regions)

    def _write_down(self) -> None:
        """What is known of all rows, for those that leave."""
        self.all_regions.index_copy_(0, self.row, self.regions[:, :-1])
        self.all_contents.index_copy_(0, self.row, self.contents)
