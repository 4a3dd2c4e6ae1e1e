"""Codes where the detail is, or equally many everywhere (Huang et al. 2023, arXiv:2305.11718)."""

from rqbench.api import Fragment, Question

from .priors import raster
from .scale import Scale
from .sizes import tokenizer_layout
from .tokenizers import coarse_vq, dq, fine_vq, hold_macs_equal


class VariableVsFixedLength(Question):
    """DQ against the line between VQ on its coarsest and on its finest grid."""

    Config = Scale
    asks = "At equal mean bits, do codes spent where the detail is beat a fixed grid?"

    def build(self, scale: Scale, resolution: int) -> Fragment:
        variable, made = dq(scale, resolution)
        finer = tokenizer_layout(made, resolution).region_size
        ends = dict([coarse_vq(scale, resolution), fine_vq(scale, resolution, finer)])
        tokenizers = {**ends, variable: made}
        hold_macs_equal(tokenizers, resolution)
        lines = (
            ("equal bits", "rate_nominal_bpp", "nominal_bits", "the grain map counts"),
            ("equal codes", "codes_per_image", "mean_codes", "the grain map is not counted"),
        )
        return Fragment(
            tokenizers,
            {"raster": raster(scale)},
            [(name, "raster") for name in tokenizers],
            [
                {
                    "title": f"Variable against fixed length at {title}",
                    "metric": "psnr_db",
                    "system": variable,
                    "against": list(ends),
                    "at": at,
                    "equal": [held, "macs", "training_images"],
                    "note": note,
                }
                for title, at, held, note in lines
            ],
        )
