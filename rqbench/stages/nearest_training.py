"""How near a system's samples lie to the crops that its prior trained on: records and pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from einops import rearrange
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from ..codes import Codes, cell_grains
from ..metrics.extractor import Extractor
from ..metrics.memorisation import (
    Nearest,
    copies_share,
    nearer_share,
    nearest_codes,
    nearest_features,
)
from ..record import Record
from .protocols import nearest_codes_protocol, nearest_features_protocol
from .recording import Recorder
from .setting import Setting

METRICS = {
    "features": ("nearer_to_training_share", "training_copies_share"),
    "codes": ("nearer_to_training_codes_share", "training_code_copies_share"),
}
"""By what is near: who wins in pairs, and the samples nearer than all held-out images."""


@dataclass(frozen=True)
class NearestTraining:
    """The nearest training crops of a system's samples, and of the held-out images beside them.

    The held-out images are the yardstick: that near comes what was never trained on. They have gone
    through the same tokenizer as the samples, since blurred pictures have small features and lie
    nearer to everything: against the images themselves a poor tokenizer would pass for a copyist.
    Strips of the
    training photographs (split "in-scene") are nearer to training crops than pictures of new scenes
    would be, so that against them a system has to copy more before its share rises above one half.
    A share below one half does not show that samples are new, only that they are unlike all
    training crops, as blurred or broken pictures are too.

    Attributes:
        samples, held_out: by "features" and by "codes".
    """

    samples: dict[str, Nearest]
    held_out: dict[str, Nearest]

    @classmethod
    def find(
        cls,
        features: tuple[Float[Tensor, "n e"], Float[Tensor, "m e"], Float[Tensor, "p e"]],
        codes: tuple[Codes, Codes, Codes],
        device: str,
    ) -> "NearestTraining":
        """By the features, and the codes, of samples, reconstructed held-out images and crops."""
        *sets, crops = (_symbols(each).to(device) for each in codes)
        by_features = [nearest_features(each, features[2]) for each in features[:2]]
        by_codes = [nearest_codes(each, crops) for each in sets]
        samples, held_out = (
            {"features": of_features, "codes": of_codes}
            for of_features, of_codes in zip(by_features, by_codes, strict=True)
        )
        return cls(samples, held_out)

    def records(
        self,
        setting: Setting,
        recorder: Recorder,
        extractor: Extractor,
        num_crops: int,
        clusters: Sequence[str],
    ) -> list[Record]:
        prior = recorder.prior
        assert prior is not None  # tokenizers alone draw no samples
        sampling = setting.experiment.priors[prior].sampling
        n = len(self.samples["codes"].crops)
        protocols = {
            "features": nearest_features_protocol(setting, extractor, n, sampling, num_crops),
            "codes": nearest_codes_protocol(setting, n, sampling, num_crops),
        }
        records = []
        for space, protocol in protocols.items():
            ours, theirs = self.samples[space].distances, self.held_out[space].distances
            intervals = nearer_share(ours, theirs, clusters), copies_share(ours, theirs)
            records += [
                recorder.number(
                    metric, interval.value, protocol, n,
                    ci95=(interval.low, interval.high), ci_method=interval.method,
                )
                for metric, interval in zip(METRICS[space], intervals, strict=True)
            ]  # fmt: skip
        return records

    def pictures(
        self,
        setting: Setting,
        samples: UInt8[Tensor, "n 3 H W"],
        held_out: UInt8[Tensor, "m 3 H W"],
        count: int,
    ) -> dict[str, Tensor]:
        """Images, their nearest training crops and the distances: see `RunData.pictures`."""
        shown = {}
        groups = {"samples": (samples, self.samples), "held-out": (held_out, self.held_out)}
        for group, (images, found) in groups.items():
            chosen = {
                space: (near, near.distances.argsort(stable=True)[:count])
                for space, near in found.items()
            }
            chosen["first"] = found["features"], torch.arange(min(count, len(images)))
            for which, (near, places) in chosen.items():
                name = f"nearest/{group}/{which}"
                shown[f"{name}/images"] = images[places]
                shown[f"{name}/crops"] = _crops(setting, near.crops[places])
                shown[f"{name}/distances"] = near.distances[places].float()
        return shown


def _symbols(codes: Codes) -> Int[Tensor, "b c"]:
    """One integer a cell and depth; equal codes of different grains are different integers."""
    values = codes.values
    if codes.grain_map is not None:
        grains = rearrange(cell_grains(codes.grain_map, codes.layout), "b h w -> b h w 1")
        values = values * codes.layout.num_grains + grains
    return rearrange(values, "b h w d -> b (h w d)").int()


def _crops(setting: Setting, indices: Int[Tensor, " k"]) -> UInt8[Tensor, "k 3 H W"]:
    """Crops of the priors' pool, cut once more."""
    return setting.data.training_crops(setting.seed("prior crops"), indices.tolist()).images
