"""A short grid whose stacks are drawn apart, or one long row (Lee et al. 2022)."""

from rqbench.api import Fragment, Question

from .against_raster import against_raster
from .scale import Scale
from .tokenizers import rq


class DepthStackedVsRaster(Question):
    """The depth-stacked prior against raster on the codes of one RQ."""

    Config = Scale
    asks = "On the same codes, does a depth-stacked prior predict, sample and paint better?"

    def build(self, scale: Scale, resolution: int) -> Fragment:
        tokenizer = rq(scale, resolution)
        return against_raster("depth-stacked", scale.depth_stacked, scale, tokenizer, resolution)
