"""Hollow marks: what a figure shows though it was measured on other terms than the rest."""

from collections.abc import Iterable, Sequence

from rqbench.api import Record

from .foot import basis
from .pairing import main_terms, terms

PAPER = "white"


def other_terms(records: Sequence[Record]) -> set[tuple[str, ...]]:
    """All terms that are not those of most of these records."""
    return {terms(record) for record in records} - {main_terms(records)}


def hollow_notes(records: Iterable[Record]) -> list[str]:
    """What the hollow marks of these records stand for: a line for each of their terms."""
    names: dict[tuple[str, ...], dict[str, None]] = {}
    said: dict[tuple[str, ...], str] = {}
    for record in records:
        said.setdefault(terms(record), basis(record))
        names.setdefault(terms(record), {})[record.system] = None
    return [
        f"Hollow, measured on other terms and not compared: {', '.join(names[of])}; {text}."
        for of, text in said.items()
    ]
