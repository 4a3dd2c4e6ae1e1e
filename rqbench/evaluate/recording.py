"""The records of an evaluation, and the protocols that its numbers were measured by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jaxtyping import Int
from torch import Tensor

from ..metrics.bit_correlations import BIT_CORRELATIONS
from ..metrics.perceptual import Perceptual
from ..metrics.protocol import Protocol
from ..metrics.usage import usage_of_counts
from ..record import Record
from ..stages.coded_rates import CODED_RATES
from ..stages.protocols import PIXELS, STREAMS, patch_clauses
from ..stages.recording import Recorder, usage_records

PRIOR_RATES = (
    "nll_bits_per_image", "rate_prior_bpp", "rate_prior_content_bpp", "rate_prior_side_bpp",
)  # fmt: skip
RATES = (
    "rate_nominal_bpp", "rate_nominal_content_bpp", "rate_nominal_side_bpp", "codes_per_image",
    "fine_ratio",
)  # fmt: skip


@dataclass(frozen=True)
class Protocols:
    """What exactly was measured.

    Attributes:
        clauses: of every number: the images, and what of each.
        classes: how the prior was told the class of an image; empty if it was told none.
        patch_px: side of the patches whose bits were compared; 0 where none were.
    """

    clauses: Mapping[str, str | int | float]
    perceptual: Perceptual
    classes: str = ""
    patch_px: int = 0

    def of(self, metric: str) -> Protocol:
        """Of a number that is a mean over images."""
        if metric in PRIOR_RATES:
            return Protocol(id="image-crops-prior-bits", clauses={**self.clauses, **self._told()})
        if metric in CODED_RATES:
            clauses = {**self.clauses, **self._told(), **STREAMS}
            return Protocol(id="image-crops-streams", clauses=clauses)
        if metric in BIT_CORRELATIONS:
            clauses = {**self.clauses, **self._told(), **patch_clauses(self.patch_px, "prior")}
            return Protocol(id="image-crops-patches", clauses=clauses)
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

    def _told(self) -> dict[str, str]:
        return {"classes": self.classes or "none"}

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
        with_prior: of the system, for what its prior says.
        names: of the images; each is a cluster.
        values: of each image by metric. A small image lacks what its size does not allow.
    """
    records = []
    for metric in dict.fromkeys(metric for image in values for metric in image):
        places = [place for place, image in enumerate(values) if metric in image]
        clusters, numbers = zip(*((names[at], values[at][metric]) for at in places), strict=True)
        images = places if len(places) < len(values) else None
        of_system = metric in (*PRIOR_RATES, *CODED_RATES, *BIT_CORRELATIONS)
        measured_by = with_prior if of_system and with_prior else recorder
        protocol = protocols.of(metric)
        records.append(measured_by.mean(metric, numbers, protocol, clusters, images=images))
    usages = usage_of_counts(counts)
    return records + usage_records(recorder, usages, protocols.of_codes(), len(names))
