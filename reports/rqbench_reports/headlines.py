"""The experiment's questions, each answered against its control: better, worse or undecided."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from rqbench.api import Drawn, Record, Report, RunData, is_timing

from .foot import seeds_line
from .frame import main_records, parts_of
from .pairing import Comparison, compare, line_between, terms
from .publish import publish
from .table import Cell, Heading, Table
from .wording import decimals, number, wording

HEADINGS = (
    Heading("Question", share=0.35),
    Heading("Measured", share=0.26),
    Heading("Difference [95%]", share=0.22),
    Heading("Verdict", share=0.10),
)
RULES = (
    "Differences are system minus control on the same held-out images; the interval resamples "
    "whole clusters of them (photographs, where crops come from the same one). Undecided: the "
    "interval includes zero, or there is no fair control.",
    "Against a line: the control is the straight line between two systems, read for every image at "
    "the system's own mean rate; the interval takes that rate as given.",
    "x: ratio of the medians of repeated timings with the range of the ratios of single repeats, "
    "decided where that range excludes 1.",
)


@dataclass(frozen=True)
class Answer:
    """One question with what the records say.

    Attributes:
        system, control: the two records, None where the question has no answer.
        comparison: None likewise; then `why` says what is missing.
    """

    headline: Mapping[str, Any]
    system: Record | None = None
    control: Record | None = None
    comparison: Comparison | None = None
    why: str = ""

    @property
    def verdict(self) -> str:
        if self.comparison is None or self.system is None:
            return "undecided"
        return self.comparison.verdict(self.system.higher_is_better)


class Headlines(Report):
    """A table of questions; the verdict honours what is chance and which end is better."""

    order = 0

    def draw(self, run: RunData, folder: Path) -> Drawn:
        if not run.headlines:
            return Drawn([])
        answers = [answer(headline, run) for headline in run.headlines]
        rows = [
            [_question(given), _measured(given), _difference(given), Cell(given.verdict)]
            for given in answers
        ]
        used = [record for given in answers for record in (given.system, given.control) if record]
        foot = [*RULES, *([seeds_line(used)] if used else [])]
        table = Table("headlines", "Headlines", HEADINGS, rows, foot)
        frame = pd.DataFrame([_row(given) for given in answers])
        return publish([table], folder, {"headlines": frame.to_csv(index=False)})


def answer(headline: Mapping[str, Any], run: RunData) -> Answer:
    """Look up both sides of a question and compare them."""
    metric, against = headline["metric"], headline["against"]
    system = _look_up(run, headline["system"], metric)
    if system is None:
        return Answer(headline, why=f"{headline['system']}: not measured")
    if isinstance(against, str):
        control = _look_up(run, against, metric)
        if control is None:
            return Answer(headline, system, why=f"{against}: not measured")
        return Answer(headline, system, control, compare(system, control))
    return _against_line(headline, run, system)


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
    name = f"line from {low} to {high} at {number(own, 3)} {wording(at).unit}".rstrip()
    control = line_between(first, last, (own - start) / (end - start), name)
    return Answer(headline, system, control, compare(system, control))


def _look_up(run: RunData, name: str, metric: str) -> Record | None:
    """The main record of a system, or of its tokenizer for what the prior has no part in."""
    main = main_records(run.records)
    tokenizer, _ = parts_of(run).get(name, (name, None))
    return main.get((name, metric)) or main.get((tokenizer, metric))


def _question(given: Answer) -> Cell:
    equal = given.headline.get("equal", "")
    return Cell(given.headline["title"], f"(held equal: {equal})" if equal else "")


def _measured(given: Answer) -> Cell:
    if given.system is None:
        return Cell(given.why)
    words = wording(given.system.metric)
    places = decimals(given.system.metric, [given.system.value])

    def said(record: Record, name: str) -> str:
        value = number(record.value / words.scale, places)
        return f"{name} {value} {words.unit}".rstrip()

    # the name asked for: the record of a system's distortion is its tokenizer's
    text = f"{words.title}: {said(given.system, given.headline['system'])}"
    if given.control is None:
        return Cell(text, f"({given.why})")
    against = given.headline["against"]
    name = against if isinstance(against, str) else given.control.system
    return Cell(text, f"(against {said(given.control, name)})")


def _difference(given: Answer) -> Cell:
    compared = given.comparison
    if given.system is None or compared is None:
        return Cell("none")
    words = wording(given.system.metric)
    if is_timing(given.system.metric):
        shown, unit = [f"{value:.2f}" for value in _ends(compared)], "x"
    else:
        ends = [value / words.scale for value in _ends(compared)]
        places = decimals(given.system.metric, [given.system.value])
        shown, unit = [f"{value:+.{places}f}" for value in ends], words.unit
    middle, *interval = shown
    text = f"{middle} [{', '.join(interval)}] {unit}" if interval else f"{middle} {unit}"
    return Cell(text.rstrip(), f"({compared.basis})")


def _ends(compared: Comparison) -> list[float]:
    return [value for value in (compared.amount, compared.low, compared.high) if value is not None]


def _row(given: Answer) -> dict[str, Any]:
    """One line of the CSV in full precision."""
    against, compared = given.headline["against"], given.comparison
    return {
        "title": given.headline["title"],
        "metric": given.headline["metric"],
        "system": given.headline["system"],
        "against": against if isinstance(against, str) else " .. ".join(against),
        "at": given.headline.get("at"),
        "value": given.system.value if given.system else None,
        "control_value": given.control.value if given.control else None,
        "difference": compared.amount if compared else None,
        "is_ratio": compared.is_ratio if compared else None,
        "low": compared.low if compared else None,
        "high": compared.high if compared else None,
        "basis": compared.basis if compared else given.why,
        "verdict": given.verdict,
        "equal": given.headline.get("equal", ""),
    }
