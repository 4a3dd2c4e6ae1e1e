"""Scores as records, and as JSON."""

from math import isfinite
from pathlib import Path
from typing import Any

from ..environment import describe_environment, environment_id
from ..files import appearing, seal
from ..metrics.difference import Difference
from ..metrics.protocol import Protocol
from ..metrics.rated import Rated
from ..record import Record, plain
from ..record_folder import write_record_folder
from ..stages.recording import Provenance, Recorder
from .measured_set import MeasuredSet
from .score import Scoring

EXPERIMENT, FACTS = "fidelity", "fidelity.json"


def write_scores(out: Path, found: Scoring) -> None:
    """A folder of records that `rqbench report` reads, and every fact beside them.

    Args:
        out: a folder that is new.
    """
    environment = describe_environment(str(found.extractor.device))
    protocols: dict[str, Protocol] = {}
    records = to_records(found, environment_id(environment), protocols)
    names = [each.name for each in found.candidates]
    with appearing(out) as beside:
        files = write_record_folder(
            beside, records, protocols, environment, ([], names), (FACTS, as_json(found))
        )
        seal(beside, files, {})


def to_records(found: Scoring, environment: str, protocols: dict[str, Protocol]) -> list[Record]:
    """One for each score of each candidate that has a value.

    Args:
        environment: its id.
        protocols: is filled with what their hashes stand for.
    """
    about = Provenance(EXPERIMENT, found.reference.name, "as given", 0, environment)
    records = []
    for candidate, rated in zip(found.candidates, found.rated, strict=True):
        recorder = Recorder(about, candidate.name, None, protocols)
        n = _n(candidate)
        protocol = _protocol(found, n)
        for each in (one for one in rated if isfinite(one.value)):
            metric = each.metric(found.extractor.name)
            interval = {"ci95": each.ci95, "ci_method": each.method}
            records.append(
                recorder.number(metric, each.value, protocol, n, each.settings, **interval)
            )
    return records


def _protocol(found: Scoring, n: int) -> Protocol:
    """Which pictures were the reference, and which the training set, decides numbers too."""
    sets = {"reference": found.reference, "training": found.training}
    which = {
        f"{role}_{fact}": value
        for role, each in sets.items()
        if each is not None
        for fact, value in (("sha256", each.digest), ("n", each.n or "unknown"))
    }
    said = found.protocol.record_protocol(found.extractor, n)
    return said.model_copy(update={"clauses": {**said.clauses, **which}})


def as_json(found: Scoring) -> dict[str, Any]:
    """Everything that was found, as JSON can hold it."""
    return {
        "protocol": found.protocol.model_dump(mode="json"),
        "protocol_sha256": found.protocol.sha256,
        "extractor": found.extractor.name,
        "weights_sha256": found.extractor.weights_sha256,
        "reference": _set_facts(found.reference),
        "training": None if found.training is None else _set_facts(found.training),
        "candidates": [
            _set_facts(candidate)
            | {
                "scores": [_rated_facts(each, found.extractor.name) for each in rated],
                "traps": [{"name": trap.name, "message": trap.message} for trap in traps],
            }
            for candidate, rated, traps in zip(
                found.candidates, found.rated, found.traps, strict=True
            )
        ],
        "differences": [
            _difference_facts(rated, between, found.extractor.name)
            for rated, between in found.differences()
        ],
        "notes": found.notes,
    }


def _set_facts(measured: MeasuredSet) -> dict[str, Any]:
    return {"name": measured.name, "n": measured.n, "sha256": measured.digest}


def _rated_facts(rated: Rated, extractor: str) -> dict[str, Any]:
    facts = {
        "metric": rated.metric(extractor), "value": rated.value, "ci95": rated.possible,
        "standard_error": rated.error.standard_error, "ci_method": rated.method,
        "settings": rated.settings, "note": rated.note,
    }  # fmt: skip
    return {name: plain(value) for name, value in facts.items()}


def _difference_facts(rated: Rated, between: Difference, extractor: str) -> dict[str, Any]:
    facts = {
        "metric": rated.metric(extractor), "difference": between.value,
        "ci95": between.error.interval(between.value), "p_value": between.p_value,
        "smallest_detectable": between.smallest_detectable,
    }  # fmt: skip
    return {name: plain(value) for name, value in facts.items()}


def _n(candidate: MeasuredSet) -> int:
    assert candidate.n is not None  # candidates are pictures
    return candidate.n
