"""What scores rest on, and what their readers have to know, in words."""

from collections.abc import Callable, Iterable, Iterator

from ..counted import counted
from ..metrics.protocol import Protocol
from ..metrics.rated import Rated
from ..remarks import Remark
from .measured_set import MeasuredSet
from .near_training import SHARES
from .score import Scoring
from .scored_protocol import copies_protocol, scored_protocol

DIGITS = 12
"""Of a SHA-256: as many as records show."""


def remarks(found: Scoring) -> list[Remark]:
    """All that stands under the scores but how their intervals were found."""
    names = tuple(each.name for each in found.candidates)
    general = [*basis(found), *(f"note: {note}" for note in found.notes), *traps(found)]
    return [*(Remark(text=text, systems=names) for text in general), *_of_each(found, _meanings)]


def methods(found: Scoring) -> list[Remark]:
    """How intervals were found."""
    return _of_each(found, lambda rated: [f"interval: {rated.method}"])


def basis(found: Scoring) -> Iterator[str]:
    """The protocol, how records call it, and the sets."""
    yield f"protocol {found.protocol.id}, SHA-256 {found.protocol.sha256[:DIGITS]}; " + (
        f"{network(found)}, weights {found.extractor.weights_sha256[:DIGITS]}"
    )
    called = _hashes(found, scored_protocol)
    yield f"protocol in records, with weights, reference and numbers of pictures: {called}"
    if found.training is not None:
        called = _hashes(found, copies_protocol)
        yield f"protocol of {' and '.join(SHARES)}, with the training pictures too: {called}"
    yield from sets(found)


def sets(found: Scoring) -> Iterator[str]:
    """Which pictures, and how many."""
    named = [("reference", found.reference), *(("scored", each) for each in found.candidates)]
    for role, each in [*named, *([("training", found.training)] if found.training else [])]:
        count = "an unknown number of pictures" if each.n is None else counted(each.n, "picture")
        beside = "" if each.given is None else ", and statistics of others"
        yield f"{role}: {each.name}, {count}{beside}"


def network(found: Scoring) -> str:
    return f"features of {found.extractor.name}, {found.extractor.resizer}"


def traps(found: Scoring) -> Iterator[str]:
    """Each trap once, in the words of the first set that meets it."""
    met: dict[str, list[tuple[str, str]]] = {}
    for candidate, each in zip(found.candidates, found.traps, strict=True):
        for trap in each:
            met.setdefault(trap.name, []).append((candidate.name, trap.message))
    for name, ((_, message), *others) in met.items():
        also = f" Met by {', '.join(candidate for candidate, _ in others)} too." if others else ""
        yield f"warning: {name}: {message}{also}"


def shared(told: Iterable[tuple[str, str]]) -> Iterable[tuple[str, list[str]]]:
    """What is said of several, once, and of which."""
    found: dict[str, list[str]] = {}
    for which, what in told:
        found.setdefault(what, []).append(which)
    return found.items()


def _hashes(found: Scoring, protocol_of: Callable[[Scoring, MeasuredSet], Protocol]) -> str:
    called = shared((each.name, protocol_of(found, each).hash) for each in found.candidates)
    return ", ".join(f"{hash_} of {' and '.join(names)}" for hash_, names in called)


def _of_each(found: Scoring, told: Callable[[Rated], Iterable[str]]) -> list[Remark]:
    """What is told of each score, of all scores of a set together."""
    return [
        Remark(text=text, systems=(candidate.name,), metrics=tuple(metrics))
        for candidate, rated in zip(found.candidates, found.rated, strict=True)
        for text, metrics in shared(
            (each.metric(found.extractor.name), text) for each in rated for text in told(each)
        )
    ]


def _meanings(rated: Rated) -> Iterator[str]:
    """What it was set to, and what the two distances are about."""
    if rated.settings:
        told = (f"{key.replace('_', ' ')} {value:,}" for key, value in rated.settings.items())
        yield ", ".join(told)
    if rated.score == "fid":
        yield "its interval is about its expectation at these numbers of pictures, bias included"
    if rated.score == "nearer_to_training_share":
        yield "0.5: as near to training pictures as held-out ones are; 1: all nearer"
    if rated.score == "fid_corrected":
        yield "about the distance of what the pictures were drawn from"
