"""The empirical rate: what codes cost under their own frequencies.

The nominal rate needs no model: `Codes.nominal_bits`.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from rqbench.codes import Codes
from rqbench.layout import CodeLayout

from .usage import count_codes, table_places

_ALPHA = 0.5  # seen before anything was seen (Krichevsky and Trofimov 1981)


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
        """Count training codes, each once, and half a one for every code that could have come."""
        layout = codes.layout
        if codes.grain_map is None:
            grain_bits = torch.zeros(1, dtype=torch.float64)
        else:
            grains = torch.bincount(codes.grain_map.flatten(), minlength=layout.num_grains)
            grain_bits = _bits(grains)
        return cls(layout, _bits(count_codes(codes)), grain_bits)

    def bits(self, codes: Codes) -> Float[Tensor, " b"]:
        """Bits of each image's codes, each code counted once, and of its grain map.

        On codes other than the fitted ones it is a rate that a decoder could really work with.

        Raises:
            ValueError: codes of another layout.
        """
        if codes.layout != self.layout:
            raise ValueError(
                f"Codes of the layout {codes.layout} cannot be priced by frequencies of the layout "
                f"{self.layout}. Fit on codes of the same tokenizer."
            )
        per_cell = self.code_bits.flatten()[table_places(codes)].sum(dim=-1)  # b h w
        bits = (per_cell * codes.code_mask()).sum(dim=(1, 2))
        if codes.grain_map is not None:
            bits = bits + self.grain_bits[codes.grain_map].sum(dim=(1, 2))
        return bits


def _bits(counts: Int[Tensor, "*table v"]) -> Float[Tensor, "*table v"]:
    smoothed = counts.double() + _ALPHA
    return -torch.log2(smoothed / smoothed.sum(dim=-1, keepdim=True))
