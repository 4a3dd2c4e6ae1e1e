"""One prior against raster order on the same codes, with as many parameters."""

from collections.abc import Mapping
from typing import Any

from rqbench.api import Fragment, sample_frechet

from .priors import as_large_as_raster, raster
from .scale import Scale
from .tokenizers import Named


def against_raster(
    prior: str, config: Mapping[str, Any], scale: Scale, tokenizer: Named, resolution: int
) -> Fragment:
    """Both priors on one tokenizer, compared in likelihood, speed and samples."""
    name, made = tokenizer
    sized = as_large_as_raster(prior, config, scale, made, resolution)
    metrics = ("rate_prior_bpp", "sampling_images_per_s", sample_frechet())
    return Fragment(
        {name: made},
        {prior: sized, "raster": raster(scale)},
        [(name, prior), (name, "raster")],
        [
            {
                "title": f"{prior.capitalize()} against raster",
                "metric": metric,
                "system": f"{name} + {prior}",
                "against": f"{name} + raster",
                "equal": ["codes", "parameters", "training_images"],
            }
            for metric in metrics
        ],
    )
