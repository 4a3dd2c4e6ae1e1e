"""The records of an evaluation, and the protocols that its numbers were measured by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jaxtyping import Int
from torch import Tensor

from ..metrics.perceptual import Perceptual
from ..metrics.protocol import Protocol
from ..metrics.usage import usage_of_counts
from ..record import Record
from ..stages.protocols import PIXELS
from ..stages.recording import Recorder, usage_records

PRIOR_RATES = ("nll_bits_per_image", "rate_prior_bpp")
RATES = ("rate_nominal_bpp", "codes_per_image", "fine_ratio")


@dataclass(frozen=True)
class Protocols:
    """What exactly was measured.

    Attributes:
        clauses: of every number: the images, and what of each.
        classes: how the prior was told the class of an image; empty if it was told none.
    """

    clauses: Mapping[str, str | int | float]
    perceptual: Perceptual
    classes: str = ""

    def of(self, metric: str) -> Protocol:
        """Of a number that is a mean over images."""
        if metric in PRIOR_RATES:
            told = {"classes": self.classes or "none"}
            return Protocol(id="image-crops-prior-bits", clauses={**self.clauses, **told})
        if metric in RATES:
            return Protocol(id="image-crops-bits", clauses=dict(self.clauses))
        clauses = {**self.clauses, "pixels": PIXELS}
        if metric != self.perceptual.metric:
            return Protocol(id="image-crops", clauses=clauses)
        network = {
            "network": self.perceptual.description,
            "weights_sha256": self.perceptual.weights_sha256,
        }
        return Protocol(id="image-crops-perceptual", clauses={**clauses, **network})

    def of_codes(self) -> Protocol:
        """Of statistics of all codes."""
        return Protocol(id="image-crops-codes", clauses=dict(self.clauses))


def record_all(
    recorder: Recorder,
    with_prior: Recorder | None,
    names: Sequence[str],
    values: Sequence[Mapping[str, float]],
    counts: Int[Tensor, "g d k"],
    protocols: Protocols,
) -> list[Record]:
    """A record a metric: means over images with their intervals, and the use of the codebook.

    Args:
        recorder: of the tokenizer.
        with_prior: of the system, for the rates of its prior.
        names: of the images; each is a cluster.
        values: of each image by metric. A small image lacks what its size does not allow.
    """
    records = []
    for metric in dict.fromkeys(metric for image in values for metric in image):
        of = [(name, image[metric]) for name, image in zip(names, values, strict=True)
              if metric in image]  # fmt: skip
        clusters, numbers = zip(*of, strict=True)
        measured_by = with_prior if metric in PRIOR_RATES and with_prior else recorder
        records.append(measured_by.mean(metric, numbers, protocols.of(metric), clusters))
    usages = usage_of_counts(counts)
    return records + usage_records(recorder, usages, protocols.of_codes(), len(names))
