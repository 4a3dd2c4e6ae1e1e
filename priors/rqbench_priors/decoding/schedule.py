"""How many rows of a batch are needed in each slot, and which grains they name, as far as the host
knows without waiting for the device.

Images only become shorter, and grains only finer, than what was last heard of them. So what is old
is true enough, and once no row names a region any more it is exact.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence

import torch

from rqbench.api import CodeLayout

from .arriving import Arriving
from .slot_rows import SlotRows

FEW, STEP = 16, 8
"""On a CPU, rows up to which exactly those that draw stay; above, a multiple of the step."""


class Schedule:
    """What was heard last.

    Attributes:
        lengths: of images, at most, in ascending order; those that left are among them or not.
        grain: the coarsest that may still be named.
    """

    def __init__(self, layout: CodeLayout, num_images: int, device: torch.device) -> None:
        self.layout, self.device, self.grain = layout, device, 0
        self.lengths = [layout.max_codes] * num_images
        self.arriving = Arriving(2 * num_images, device)

    def ask(self, rows: SlotRows) -> None:
        """Let the device tell how the rows stand, as long as that can change."""
        if self.grain < self.layout.num_grains - 1:
            self.arriving.send(torch.cat([rows.length, rows.grain]))

    def hear(self, slot: int) -> None:
        """Read what has arrived by this slot."""
        told = self.arriving.take()
        if told is not None:
            half = len(told) // 2
            self.lengths = sorted(told[:half])
            pairs = zip(told[:half], told[half:], strict=True)
            named = (grain for length, grain in pairs if length > slot)
            self.grain = min(named, default=self.layout.num_grains - 1)

    def num_rows(self, slot: int) -> int:
        """Rows to keep in this slot, so that all images that have a code in it stay."""
        return num_rows(len(self.lengths) - bisect_right(self.lengths, slot), self.device)

    def grains(self, slot: int) -> Sequence[int]:
        """Those with which regions may be named in this slot."""
        num_regions, per_region = self.layout.num_regions, self.layout.codes_per_region
        return [
            grain
            for grain in range(self.grain, self.layout.num_grains - 1)
            if slot < num_regions * per_region[grain]  # else all regions have been named
        ]


def num_rows(drawing: int, device: torch.device) -> int:
    """Rows to keep for so many that draw: even for an even number, so that twins stay together.

    On a CPU nearly as many, since a row costs more there than moving the others. Else one of few
    sizes: 0, 1, 2, 3, 4, 6, 8, 12, 16, 24 and so on.
    """
    if device.type == "cpu":
        return drawing if drawing <= FEW else math.ceil(drawing / STEP) * STEP
    if drawing == 0:
        return 0
    size = 1 << (drawing - 1).bit_length()
    return size * 3 // 4 if size >= 4 and drawing <= size * 3 // 4 else size
