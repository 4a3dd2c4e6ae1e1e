"""Stage: the held-out crops' features, against which all fidelity scores are taken."""

from pathlib import Path

import torch
from torch import Tensor

from ..checkpoint import load_tensors, save_tensors
from ..data import to_float
from ..metrics.extractor import Extractor
from ..metrics.fidelity import Features
from ..stage import Context, Estimate, Stage
from .setting import Setting
from .trial import now

FEATURES = "features.safetensors"


def reference(setting: Setting, extractor: Extractor) -> Stage:
    """The stage that extracts features of the held-out crops."""
    facts = {
        **setting.seedless_facts,
        "extractor": extractor.weights_sha256,
        "resizer": extractor.resizer,
    }

    def work(context: Context) -> list[str]:
        held_out = setting.data.held_out()
        context.progress.start(len(held_out.images))
        found = extract(extractor, held_out.images, context)
        save_tensors(context.folder / FEATURES, pack_features(found), {})
        return [FEATURES]

    def estimate() -> Estimate:
        return Estimate(seconds_per_image(setting, extractor) * setting.experiment.data.held_out)

    return Stage("reference", facts, (), work, estimate)


def extract(
    extractor: Extractor, images: Tensor, context: Context, batch_size: int = 32
) -> Features:
    """Features and logits of 8-bit images, one pass."""
    parts = []
    for batch in torch.split(images, batch_size):
        parts.append(extractor.features(to_float(batch)))
        context.progress.advance(by=len(batch))
    features, logits = zip(*parts, strict=True)
    return Features(torch.cat(features), torch.cat(logits))


def seconds_per_image(setting: Setting, extractor: Extractor) -> float:
    images = torch.zeros(32, 3, setting.resolution, setting.resolution)
    extractor.features(images[:2])
    started = now(setting.device)
    extractor.features(images)
    return (now(setting.device) - started) / len(images)


def pack_features(features: Features) -> dict[str, Tensor]:
    return {"features": features.features, "logits": features.logits}


def read_features(folder: Path) -> Features:
    tensors, _ = load_tensors(folder / FEATURES)
    return Features(tensors["features"], tensors["logits"])
