"""The protocol of a record: by what a set was scored, and against which pictures."""

from ..metrics.protocol import Protocol
from .measured_set import MeasuredSet
from .score import Scoring


def scored_protocol(found: Scoring, candidate: MeasuredSet) -> Protocol:
    """Which pictures were the reference, and which the training set, decides numbers too."""
    assert candidate.n is not None  # candidates are pictures
    sets = {"reference": found.reference, "training": found.training}
    which = {
        f"{role}_{fact}": value
        for role, each in sets.items()
        if each is not None
        for fact, value in (
            ("sha256", each.digest), ("n", each.n or "unknown"),
            ("statistics_sha256", each.given_digest),
        )
        if value is not None
    }  # fmt: skip
    if candidate.num_photographs:  # of so many crops, scores have another bias than of pictures
        which["photographs"] = candidate.num_photographs
    said = found.protocol.record_protocol(found.extractor, candidate.n)
    return said.model_copy(update={"clauses": {**said.clauses, **which}})
