"""Coarse regions first, or raster order (Huang et al. 2023, arXiv:2305.11718)."""

from rqbench.api import Fragment, Question

from .against_raster import against_raster
from .scale import Scale
from .tokenizers import dq


class CoarseToFineVsRaster(Question):
    """The coarse-to-fine prior against raster on the codes of one DQ."""

    Config = Scale
    asks = "On the same codes, does drawing coarse regions first beat raster order?"

    def build(self, scale: Scale, resolution: int) -> Fragment:
        tokenizer = dq(scale, resolution)
        return against_raster("coarse-to-fine", scale.coarse_to_fine, scale, tokenizer, resolution)
