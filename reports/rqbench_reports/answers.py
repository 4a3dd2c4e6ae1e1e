"""Answering an experiment's questions from records: each against its control, if that is fair."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rqbench.api import Control, Record, RunData, control, side

from .arithmetic import line_between
from .frame import main_records, parts_of
from .pairing import Comparison, compare, decide, terms
from .wording import decimals, number, wording


@dataclass(frozen=True)
class Answer:
    """One question with what the records say.

    Attributes:
        system, control: the two records, None where the question has no answer.
        comparison: None likewise; then `why` says what is missing.
        fairness: what is equal and what is not, None likewise.
    """

    headline: Mapping[str, Any]
    system: Record | None = None
    control: Record | None = None
    comparison: Comparison | None = None
    why: str = ""
    fairness: Control | None = None

    @property
    def is_fair(self) -> bool:
        return self.fairness is not None and not self.fairness.faults

    @property
    def verdict(self) -> str:
        if self.comparison is None or self.system is None or not self.is_fair:
            return "undecided"
        return self.comparison.verdict(self.system.higher_is_better)


def answers(run: RunData) -> list[Answer]:
    """All questions; the comparisons that have a fair control are one family."""
    found = [answer(headline, run) for headline in run.headlines]
    decided = decide([one.comparison if one.is_fair else None for one in found])
    return [
        replace(one, comparison=comparison or one.comparison)
        for one, comparison in zip(found, decided, strict=True)
    ]


def answer(headline: Mapping[str, Any], run: RunData) -> Answer:
    """Look up both sides of a question and compare them, without regard to other questions."""
    metric, against = headline["metric"], headline["against"]
    system = _look_up(run, headline["system"], metric)
    if system is None:
        return Answer(headline, why=f"{headline['system']}: not measured")
    if not isinstance(against, str):
        return _against_line(headline, run, system)
    other = _look_up(run, against, metric)
    if other is None:
        return Answer(headline, system, why=f"{against}: not measured")
    fairness = _fairness(headline, run, system, [against])
    return Answer(headline, system, other, compare(system, other), fairness=fairness)


def _against_line(headline: Mapping[str, Any], run: RunData, system: Record) -> Answer:
    """The control is the line between two systems at this system's own mean rate."""
    (low, high), at = headline["against"], headline["at"]
    ends = [_look_up(run, name, system.metric) for name in (low, high)]
    rates = [_look_up(run, name, at) for name in (headline["system"], low, high)]
    if None in ends or None in rates:
        return Answer(headline, system, why=f"{low}, {high}: not all measured")
    first, last = (record for record in ends if record)
    own, start, end = (record.value for record in rates if record)
    if not min(start, end) <= own <= max(start, end) or start == end:
        why = f"its {own:.3f} lie outside {start:.3f} to {end:.3f}: no control at equal rate"
        return Answer(headline, system, why=why)
    if terms(first) != terms(last):
        return Answer(headline, system, why=f"{low}, {high}: different protocols, no line")
    words = wording(at)
    unit = f"{words.title}{words.unit}" if words.unit.startswith("/") else words.unit
    name = f"line from {low} to {high} at {number(own, decimals(at, [own]))} {unit}".rstrip()
    line = line_between(first, last, (own - start) / (end - start), name)
    fairness = _fairness(headline, run, system, [low, high])
    return Answer(headline, system, line, compare(system, line), fairness=fairness)


def _fairness(
    headline: Mapping[str, Any], run: RunData, system: Record, against: Sequence[str]
) -> Control:
    """Of a number that the prior has no part in, the tokenizers are compared."""
    parts = parts_of(run)

    def of(name: str) -> tuple[str, str | None]:
        tokenizer, prior = parts.get(name, (name, None))
        return tokenizer, None if system.prior is None else prior

    ours, *theirs = (side(*of(name), run.records) for name in (headline["system"], *against))
    return control(system.metric, ours, theirs, _equal(headline), headline.get("at"))


def _equal(headline: Mapping[str, Any]) -> tuple[Any, ...]:
    """The quantities that are said to be equal; runs before there were any say it in words."""
    equal = headline.get("equal") or ()
    return () if isinstance(equal, str) else tuple(equal)


def _look_up(run: RunData, name: str, metric: str) -> Record | None:
    """The main record of a system, or of its tokenizer for what the prior has no part in."""
    main = main_records(run.records)
    tokenizer, _ = parts_of(run).get(name, (name, None))
    return main.get((name, metric)) or main.get((tokenizer, metric))
