"""The protocol of a record: by what a set was scored, and against which pictures."""

from typing import Any

from ..metrics.protocol import Protocol
from .measured_set import MeasuredSet
from .score import Scoring


def scored_protocol(found: Scoring, candidate: MeasuredSet) -> Protocol:
    """Which pictures were the reference decides numbers too."""
    assert candidate.n is not None  # candidates are pictures
    which = _which("reference", found.reference)
    if candidate.num_photographs:  # of so many crops, scores have another bias than of pictures
        which["photographs"] = candidate.num_photographs
    said = found.protocol.record_protocol(found.extractor, candidate.n)
    return _with(said, which)


def copies_protocol(found: Scoring, candidate: MeasuredSet) -> Protocol:
    """Of the shares of `NearTraining`, the only numbers that the training set decides too."""
    assert found.training is not None  # else there are no shares
    return _with(scored_protocol(found, candidate), _which("training", found.training))


def _which(role: str, measured: MeasuredSet) -> dict[str, Any]:
    """Clauses that name a set by its content."""
    facts = {
        "sha256": measured.digest, "n": measured.n or "unknown",
        "statistics_sha256": measured.given_digest,
    }  # fmt: skip
    return {f"{role}_{fact}": value for fact, value in facts.items() if value is not None}


def _with(protocol: Protocol, clauses: dict[str, Any]) -> Protocol:
    return protocol.model_copy(update={"clauses": protocol.clauses | clauses})
