"""Scores of pictures against a reference, what to know of them, and differences of two sets."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import pandas as pd

from rqbench.api import OF_CONTRASTS, Contrast, Remark, RunData, foot_lines

from .frame import tokenizer_names
from .plan import Plan, build, columns_of
from .table import Cell, Heading, Table
from .wording import decimals, significant, wording

SCORES = Plan(
    "scores",
    "Scores: pictures against a reference",
    "Pictures",
    (
        *("fid", "fid_corrected", "fid_infinity", "sfid", "fd_.+", "kid", "kid_.+"),
        *("inception_score", "is_.+"),
    ),
    is_trained=False,
)
NEIGHBOURS = Plan(
    "neighbours",
    "Neighbours: pictures among those of a reference, and near training pictures",
    "Pictures",
    (
        *("precision", "precision_.+", "recall", "recall_.+"),
        *("density", "density_.+", "coverage", "coverage_.+"),
        *("nearer_to_training_share", "training_copies_share"),
    ),
    is_trained=False,
)
HEADINGS = (
    Heading("Pictures"),
    Heading("less"),
    Heading("Score"),
    Heading("Difference"),
    Heading("95% interval"),
    Heading("p"),
    Heading("could have seen"),
)
OF_BOLD = (
    "Bold in the tables of scores takes the errors of the two for independent, and finds less."
)
ELSEWHERE = "What all scores rest on, notes and warnings: under the table of scores."


def fidelity_tables(run: RunData) -> list[Table]:
    """Two tables of scores, of which the first says what all rest on, and one of differences."""
    rows = tokenizer_names(run)
    tables: list[Table] = []
    for plan in (SCORES, NEIGHBOURS):
        table = build(plan, rows, run)
        if table is not None:
            columns = columns_of(plan, rows, run)
            said = remark_lines(run.remarks, columns, rows, is_first=not tables)
            tables.append(replace(table, foot=[*table.foot, *said]))
    return [*tables, *([differences(run.contrasts)] if run.contrasts else [])]


def remark_lines(
    remarks: Sequence[Remark], columns: Collection[str], rows: Sequence[str], is_first: bool
) -> list[str]:
    """What is said of these columns, and in the first table what is said of all scores."""
    here = [
        remark
        for remark in remarks
        if (set(remark.metrics) & set(columns) if remark.metrics else is_first)
    ]
    lines = foot_lines(here, rows, lambda metric: wording(metric).title)
    is_elsewhere = not is_first and any(not remark.metrics for remark in remarks)
    return [f"{line.rstrip('.')}." for line in [*lines, *([ELSEWHERE] if is_elsewhere else [])]]


def differences(contrasts: Sequence[Contrast]) -> Table:
    """One row a score and two sets."""
    title = "Differences: two sets of pictures against the same reference"
    rows = [[Cell(text) for text in _texts(each)] for each in contrasts]
    return Table("differences", title, HEADINGS, rows, [*OF_CONTRASTS, OF_BOLD], num_names=3)


def differences_csv(contrasts: Sequence[Contrast]) -> dict[str, str]:
    """The same in full precision; nothing where there are none."""
    if not contrasts:
        return {}
    frame = pd.DataFrame([each.model_dump(exclude={"ci95"}) for each in contrasts])
    frame["low"], frame["high"] = zip(*(each.ci95 for each in contrasts), strict=True)
    return {"differences": frame.to_csv(index=False)}


def _texts(found: Contrast) -> list[str]:
    scale = wording(found.metric).scale
    places = decimals(found.metric, [found.difference, *found.ci95])
    value, low, high = (f"{end / scale:+z,.{places}f}" for end in (found.difference, *found.ci95))
    arrow = {True: " ↑", False: " ↓", None: ""}[found.higher_is_better]
    return [
        found.system, found.against, f"{wording(found.metric).title}{arrow}", value,
        f"{low} .. {high}", "< 0.001" if found.p_value < 0.001 else f"{found.p_value:.3f}",
        significant(found.smallest_detectable / scale),
    ]  # fmt: skip
