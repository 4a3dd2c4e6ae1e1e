"""Stacking codes at a position, or as many on a finer grid (Lee et al. 2022, arXiv:2203.01941)."""

from math import isqrt

from rqbench.api import ConfigError, Fragment, Question

from .priors import raster
from .scale import Scale
from .tokenizers import coarse_vq, fine_vq, hold_macs_equal, rq


class StackingVsGrid(Question):
    """RQ of h x w x d codes against VQ of as many on a grid sqrt(d) times as fine."""

    Config = Scale
    asks = "At equal bits, does stacking codes beat a finer grid?"

    def build(self, scale: Scale, resolution: int) -> Fragment:
        finer = isqrt(scale.depth)
        if finer**2 != scale.depth or finer & (finer - 1):
            raise ConfigError(
                f"experiment.scale.depth: no finer grid has {scale.depth} codes for each position "
                "of the coarse one. Set it to 4 or 16."
            )
        reference = coarse_vq(scale, resolution)  # no stack and no finer grid; what both add to
        tokenizers = dict([reference, fine_vq(scale, resolution, finer), rq(scale, resolution)])
        hold_macs_equal(tokenizers, resolution)
        _, grid, stacked = tokenizers
        return Fragment(
            tokenizers,
            {"raster": raster(scale)},
            [(name, "raster") for name in tokenizers],
            [
                {
                    "title": "Stacked codes against a finer grid",
                    "metric": "psnr_db",
                    "system": stacked,
                    "against": grid,
                    "equal": ["nominal_bits", "macs", "training_images"],
                }
            ],
        )
