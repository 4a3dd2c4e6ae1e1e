"""Whether the bits of images under a prior go where the detail is, and where the error is."""

from dataclasses import dataclass
from math import isnan

from jaxtyping import UInt8
from torch import Tensor

from ..codes import Codes
from ..metrics.bit_correlations import bit_correlations
from ..metrics.bit_map import NO_PLACES
from ..metrics.patches import common_patch_px
from ..stages.prior_rates import PriorRates


@dataclass
class BitPlaces:
    """Correlates the bits of patches with what is in them.

    Attributes:
        patch_px: side of the patches, the regions of the codes; 0 as long as there were none.
        note: why there is no correlation, where the prior gives a rate.
    """

    patch_px: int = 0
    note: str = ""

    def of(
        self,
        rates: PriorRates | None,
        codes: Codes,
        pixels: UInt8[Tensor, "b 3 H W"],
        reconstructions: UInt8[Tensor, "b 3 H W"],
    ) -> list[dict[str, float]]:
        """By metric, for each image of a batch; nothing where it is undefined."""
        if rates is None:
            return [{} for _ in pixels]
        if rates.bit_maps is None:
            self.note = f"no map of bits: {NO_PLACES}"
            return [{} for _ in pixels]
        self.patch_px = common_patch_px([codes.layout], pixels.shape[3])
        found = bit_correlations(rates.bit_maps, pixels, reconstructions, self.patch_px)
        return [
            {metric: value for metric, value in zip(found, one, strict=True) if not isnan(value)}
            for one in zip(*found.values(), strict=True)
        ]
