"""The rate that a prior gives to codes, where it can be had."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Tensor

from ..codes import Codes
from ..data.crop import Crop
from ..prior import Prior
from ..stages.prior_rates import PriorRates, prior_rates
from .labels import labels_by_folder
from .subject import Subject


@dataclass(frozen=True)
class PriorRate:
    """How the prior's rate of an image is found, or why it is not.

    Attributes:
        prior: None where there is no rate.
        pixels: of one image.
        labels: the class of each file; None where the prior has none.
        note: for people; how classes were found, or why there is no rate.
    """

    prior: Prior | None = None
    pixels: int = 0
    labels: Mapping[str, int] | None = None
    note: str = ""

    def of(self, codes: Codes, names: Sequence[str], device: str) -> PriorRates | None:
        """Of the images of a batch, where there is a rate."""
        if self.prior is None:
            return None
        labels = self.labels_of(names)
        return prior_rates(self.prior, codes, labels, self.pixels, len(codes), device)

    def labels_of(self, names: Sequence[str]) -> Int[Tensor, " n"] | None:
        if self.labels is None:
            return None
        return torch.tensor([self.labels[name] for name in names])


def find_prior_rate(subject: Subject, names: Sequence[str], crop: Crop) -> PriorRate:
    """Of the files of these names, cut as the crop says."""
    system, side = subject.system, crop.resolution
    if system is None:
        return PriorRate()
    prior = system.prior
    if side is None or subject.tokenizer.layout(side) != prior.layout:
        return PriorRate(
            note=f"no prior rate: the prior models codes of {prior.layout}, and these are others"
        )
    if prior.condition is None:
        return PriorRate(prior, side**2)
    if system.class_names is None:
        return PriorRate(
            note="no prior rate: the prior is conditioned on other things than classes"
        )
    unnamed = system.entry.class_names is None
    labels, note = labels_by_folder(names, system.class_names, unnamed)
    if labels is None:
        return PriorRate(note=note)
    return PriorRate(prior, side**2, dict(zip(names, labels, strict=True)), note)
