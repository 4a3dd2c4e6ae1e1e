"""Two codes of a small codebook, or one of a large one (Lee et al. 2022, arXiv:2203.01941)."""

from rqbench.api import Fragment, Question

from .priors import raster
from .scale import Scale
from .tokenizers import coarse_vq, hold_macs_equal, pairs_rq


class CodebookSizeVsDepth(Question):
    """RQ of depth 2 with sqrt(k) vectors against VQ with k, in the same halves."""

    Config = Scale
    asks = "At equal bits, do two codes of a small codebook beat one of its square?"

    def build(self, scale: Scale, resolution: int) -> Fragment:
        tokenizers = dict([coarse_vq(scale, resolution), pairs_rq(scale, resolution)])
        hold_macs_equal(tokenizers, resolution)
        single, pairs = tokenizers
        return Fragment(
            tokenizers,
            {"raster": raster(scale)},
            [(name, "raster") for name in tokenizers],
            [
                {
                    "title": "Two codes against one of a squared codebook",
                    "metric": "psnr_db",
                    "system": pairs,
                    "against": single,
                    "equal": ["nominal_bits", "macs", "training_images"],
                }
            ],
        )
