"""Stage: features of the crops that priors train on, in which samples are looked for."""

from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from ..checkpoint import load_tensors, save_tensors
from ..metrics.extractor import Extractor
from ..stage import Context, Estimate, Stage
from .reference import FEATURES, extract, seconds_per_image
from .setting import Setting

_BLOCK = 512  # crops held at once


def training_features(setting: Setting, extractor: Extractor, crops: int) -> Stage:
    """The stage that extracts features of the first `crops` crops of the priors' pool."""
    facts = {
        **setting.common_facts,
        "crops": crops,
        "extractor": extractor.weights_sha256,
        "resizer": extractor.resizer,
    }

    def work(context: Context) -> list[str]:
        context.progress.start(crops)
        parts = []
        for start in range(0, crops, _BLOCK):
            indices = range(start, min(start + _BLOCK, crops))
            images = setting.data.training_crops(setting.seed("prior crops"), indices).images
            parts.append(extract(extractor, images, context).features)
        save_tensors(context.folder / FEATURES, {"features": torch.cat(parts)}, {})
        return [FEATURES]

    def estimate() -> Estimate:
        return Estimate(seconds_per_image(setting, extractor) * crops, 4 * crops * extractor.dim)

    return Stage("training-features", facts, (), work, estimate)


def read_training_features(folder: Path) -> Float[Tensor, "m d"]:
    tensors, _ = load_tensors(folder / FEATURES)
    return tensors["features"]
