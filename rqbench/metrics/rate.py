"""Rates of codes, and the model of the empirical one: what codes cost under their own
frequencies."""

from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from rqbench.codes import Codes
from rqbench.layout import CodeLayout

from .smoothing import smoothed_bits
from .usage import count_codes, table_places


def rates(
    kind: Literal["nominal", "empirical", "prior"],
    content: Float[Tensor, " b"],
    side: Float[Tensor, " b"],
    layout: CodeLayout,
    pixels: int,
) -> dict[str, Float[Tensor, " b"]]:
    """One rate of each image by metric; where codes are dynamic, that of its codes and that of its
    map apart, too.

    Args:
        content, side: bits of the codes, and of what tells their map.
        pixels: of one image.
    """
    found = {f"rate_{kind}_bpp": (content + side) / pixels}
    if layout.is_dynamic:
        found[f"rate_{kind}_content_bpp"] = content / pixels
        found[f"rate_{kind}_side_bpp"] = side / pixels
    return found


def nominal_rates(codes: Codes, pixels: int) -> dict[str, Float[Tensor, " b"]]:
    """Log2 k bits a code, and log2 of the number of grains a region; see `rates`."""
    content = codes.num_codes().double() * codes.layout.bits_per_code
    side = torch.full_like(content, codes.layout.map_bits)
    return rates("nominal", content, side, codes.layout, pixels)


@dataclass(frozen=True)
class ZeroOrder:
    """Frequencies of codes by depth and grain, and of grains: a coder that knows no neighbours.

    Attributes:
        layout: of the codes it was fitted on.
        code_bits: Float[g d k], bits of each code of each grain and depth.
        grain_bits: Float[g], bits of each region's grain; all 0 where there is no map.
    """

    layout: CodeLayout
    code_bits: Tensor
    grain_bits: Tensor

    @classmethod
    def fit(cls, codes: Codes) -> "ZeroOrder":
        """Count training codes, each once; `smoothing.py` says what is added for those to come."""
        layout, counts = codes.layout, count_codes(codes)
        rows = [smoothed_bits(row) for row in counts.flatten(0, 1)]  # of each grain and depth
        grain_bits = torch.zeros(1, dtype=torch.float64)
        if codes.grain_map is not None:
            grains = torch.bincount(codes.grain_map.flatten(), minlength=layout.num_grains)
            grain_bits = smoothed_bits(grains)
        return cls(layout, torch.stack(rows).view(counts.shape), grain_bits)

    def bits(self, codes: Codes) -> Float[Tensor, " b"]:
        """Bits of each image: those of its codes, and those of its grain map."""
        return self.content_bits(codes) + self.side_bits(codes)

    def rates(self, codes: Codes, pixels: int) -> dict[str, Float[Tensor, " b"]]:
        """On codes other than the fitted ones these are rates that a decoder could really work
        with; see `rates`."""
        content, side = self.content_bits(codes), self.side_bits(codes)
        return rates("empirical", content, side, codes.layout, pixels)

    def content_bits(self, codes: Codes) -> Float[Tensor, " b"]:
        """Bits of each image's codes, each counted once.

        Raises:
            ValueError: codes of another layout.
        """
        if codes.layout != self.layout:
            raise ValueError(
                f"Codes of the layout {codes.layout} cannot be priced by frequencies of the layout "
                f"{self.layout}. Fit on codes of the same tokenizer."
            )
        per_cell = self.code_bits.flatten()[table_places(codes)].sum(dim=-1)  # b h w
        return (per_cell * codes.code_mask()).sum(dim=(1, 2))

    def side_bits(self, codes: Codes) -> Float[Tensor, " b"]:
        """Of each image's grain map; 0 where there is none."""
        if codes.grain_map is None:
            return torch.zeros(len(codes), dtype=torch.float64)
        return self.grain_bits[codes.grain_map].sum(dim=(1, 2))
