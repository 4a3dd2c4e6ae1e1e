"""Whether the bits of images under a prior go where the detail is, and where the error is."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from jaxtyping import UInt8
from torch import Tensor

from ..codes import Codes
from ..errors import UnsupportedError
from ..metrics.bit_correlations import bit_correlations
from ..metrics.patches import common_patch_px
from ..stages.bit_maps import prior_bit_maps
from .prior_rate import PriorRate


@dataclass
class BitPlaces:
    """Correlates the bits of patches with what is in them.

    Attributes:
        patch_px: side of the patches, the regions of the codes; 0 as long as there were none.
        note: why there is no correlation, where the prior gives a rate.
    """

    rate: PriorRate
    patch_px: int = 0
    note: str = ""

    def of(
        self,
        codes: Codes,
        names: Sequence[str],
        pixels: UInt8[Tensor, "b 3 H W"],
        reconstructions: UInt8[Tensor, "b 3 H W"],
        device: str,
    ) -> list[dict[str, float]]:
        """By metric, for each image of a batch; nothing where it is undefined."""
        if self.rate.prior is None or self.note:
            return [{} for _ in names]
        labels = self.rate.labels_of(names)
        try:
            maps = prior_bit_maps(self.rate.prior, codes, labels, len(codes), device)
        except UnsupportedError as error:
            self.note = f"no map of bits: {error}"
            return [{} for _ in names]
        self.patch_px = common_patch_px([codes.layout], pixels.shape[3])
        found = bit_correlations(maps, pixels, reconstructions, self.patch_px)
        return [
            {metric: value for metric, value in zip(found, one, strict=True) if not isnan(value)}
            for one in zip(*found.values(), strict=True)
        ]
