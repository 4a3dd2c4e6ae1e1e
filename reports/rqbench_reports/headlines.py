"""The experiment's questions, each answered against its control: better, worse or undecided."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from rqbench.api import Drawn, Record, Report, RunData

from .answers import Answer, answers
from .foot import seeds_line
from .pairing import SIGNIFICANT, Comparison
from .publish import publish
from .table import Cell, Heading, Table
from .wording import decimals, number, wording

HEADINGS = (
    Heading("Question", share=0.32),
    Heading("Measured", share=0.24),
    Heading("Difference [95%]", share=0.22),
    Heading("Verdict", share=0.15),
)
RULES = (
    "Held equal: the ratio of system to control; of a line, costs to the end that is farther off. "
    "More than 2% apart is not equal.",
    "Better or worse: the 95% interval excludes no difference, and so it does after Holm's "
    "correction over the questions of this table. Undecided: it does not, or the control is not "
    "fair, for the reason in brackets.",
    "Differences are system minus control on the same held-out images; the interval honours whole "
    "clusters of them (photographs, where crops come from the same one). x: a ratio of timings, "
    "repeat by repeat. Could have seen: the true difference that this design finds in 80 of 100 "
    "repetitions.",
    "Against a line: the control is the straight line between two systems, read for every image at "
    "the system's own mean; the interval takes that mean as given.",
)


class Headlines(Report):
    """A table of questions; the verdict honours what is chance, fair, and which end is better."""

    order = 0

    def draw(self, run: RunData, folder: Path) -> Drawn:
        if not run.headlines:
            return Drawn([])
        given = answers(run)
        rows = [[_question(one), _measured(one), _difference(one), _verdict(one)] for one in given]
        used = [record for one in given for record in (one.system, one.control) if record]
        foot = [*RULES, *([seeds_line(used)] if used else [])]
        table = Table("headlines", "Headlines", HEADINGS, rows, foot)
        frame = pd.DataFrame([_row(one) for one in given])
        return publish([table], folder, {"headlines": frame.to_csv(index=False)})


def _question(given: Answer) -> Cell:
    held = _held(given)
    return Cell(given.headline["title"], f"({held})" if held else "")


def _held(given: Answer) -> str:
    """What is equal, as it was measured, and what is not."""
    if given.fairness is None:
        return ""
    note = given.headline.get("note", "")
    balances = (*given.fairness.held, *given.fairness.unequal)
    equal = [str(balance) for balance in balances if balance.is_equal]
    equal += [note] if note else []
    unequal = [str(balance) for balance in balances if not balance.is_equal]
    parts = (("held equal", equal), ("not held", unequal))
    return "; ".join(f"{title}: {', '.join(words)}" for title, words in parts if words)


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
    middle, *interval = _shown(given.system, compared.is_ratio, _ends(compared))
    unit = "x" if compared.is_ratio else wording(given.system.metric).unit
    text = f"{middle} [{', '.join(interval)}] {unit}" if interval else f"{middle} {unit}"
    basis = f"{compared.basis}{_seed_sd(given.system, compared)}"
    seen = compared.smallest_detectable
    if seen is None or not math.isfinite(seen):
        return Cell(text.rstrip(), f"({basis})")
    (least,) = _shown(given.system, compared.is_ratio, [seen])
    could = f"could have seen {least.lstrip('+')} {unit}".rstrip()
    return Cell(text.rstrip(), f"({basis}; {could})")


def _seed_sd(system: Record, compared: Comparison) -> str:
    """The spread from training to training, apart from the interval that covers all chance."""
    if compared.seed_sd is None:
        return ""
    (sd,) = _shown(system, compared.is_ratio, [compared.seed_sd])
    return f" with sd {sd.lstrip('+')}"


def _shown(system: Record, is_ratio: bool, values: Sequence[float]) -> list[str]:
    """Differences in the metric's unit with their signs, or ratios."""
    if is_ratio:
        return [f"{value:.2f}" for value in values]
    places = decimals(system.metric, [system.value])
    return [f"{value / wording(system.metric).scale:+.{places}f}" for value in values]


def _verdict(given: Answer) -> Cell:
    reasons = list(given.fairness.faults) if given.fairness else []
    found = given.comparison
    if found and found.p is not None and found.p < SIGNIFICANT and not reasons:
        reasons = [] if found.decided else [f"p = {found.adjusted_p:.2f} after Holm"]
    return Cell(given.verdict, f"({'; '.join(reasons)})" if reasons else "")


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
        "image_low": compared.image_low if compared else None,
        "image_high": compared.image_high if compared else None,
        "seed_sd": compared.seed_sd if compared else None,
        "num_seeds": compared.num_seeds if compared else None,
        "n": compared.n if compared else None,
        "num_clusters": compared.num_clusters if compared else None,
        "p": compared.p if compared else None,
        "adjusted_p": compared.adjusted_p if compared else None,
        "smallest_detectable": compared.smallest_detectable if compared else None,
        "basis": compared.basis if compared else given.why,
        "verdict": given.verdict,
        "held": _held(given),
        "unfair": "; ".join(given.fairness.faults) if given.fairness else "",
        "question": given.headline.get("question", ""),
    }
