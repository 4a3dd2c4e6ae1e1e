"""Scores as records, and as JSON."""

from math import isfinite
from pathlib import Path
from typing import Any

from ..environment import describe_environment, environment_id
from ..files import appearing, seal
from ..metric_names import describe
from ..metrics.protocol import Protocol
from ..metrics.rated import Rated
from ..record import Record, plain
from ..record_folder import write_record_folder
from ..remarks import Contrast
from ..stages.recording import Provenance, Recorder
from .foot import remarks
from .measured_set import MeasuredSet
from .near_training import SHARES
from .score import Scoring
from .scored_protocol import copies_protocol, scored_protocol

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
            beside, records, protocols, environment, ([], names), (FACTS, as_json(found)),
            remarks(found), contrasts(found),
        )  # fmt: skip
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
        scores, n = scored_protocol(found, candidate), candidate.n
        assert n is not None  # candidates are pictures
        for each in (one for one in rated if isfinite(one.value)):
            metric = each.metric(found.extractor.name)
            is_share = each.score in SHARES
            protocol = copies_protocol(found, candidate) if is_share else scores
            interval = {"ci95": each.ci95, "ci_method": each.method}
            records.append(
                recorder.number(metric, each.value, protocol, n, each.settings, **interval)
            )
    return records


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
            plain(each.model_dump(exclude={"higher_is_better"})) for each in contrasts(found)
        ],
        "notes": found.notes,
    }


def _set_facts(measured: MeasuredSet) -> dict[str, Any]:
    facts = {"name": measured.name, "n": measured.n, "sha256": measured.digest}
    given = measured.given_digest
    return facts if given is None else {**facts, "statistics_sha256": given}


def _rated_facts(rated: Rated, extractor: str) -> dict[str, Any]:
    facts = {
        "metric": rated.metric(extractor), "value": rated.value, "ci95": rated.possible,
        "standard_error": rated.error.standard_error, "ci_method": rated.method,
        "settings": rated.settings, "note": rated.note,
    }  # fmt: skip
    return {name: plain(value) for name, value in facts.items()}


def contrasts(found: Scoring) -> list[Contrast]:
    """Of the first two candidates, each score of which a difference is known."""
    names = [each.name for each in found.candidates[:2]]
    return [
        Contrast(
            metric=metric, system=names[0], against=names[1], difference=between.value,
            ci95=between.error.interval(between.value), p_value=between.p_value,
            smallest_detectable=between.smallest_detectable,
            higher_is_better=describe(metric).higher_is_better,
        )
        for metric, between in (
            (rated.metric(found.extractor.name), between) for rated, between in found.differences()
        )
    ]  # fmt: skip
