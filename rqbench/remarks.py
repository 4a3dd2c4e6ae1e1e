"""What a run says beside its numbers: remarks for their readers, and differences found in pairs."""

from collections.abc import Callable, Collection, Iterable

from pydantic import Field

from .config import Config

OF_CONTRASTS = (
    "What the reference's pictures do to both is taken off. p is two-sided, of each score alone.",
    "Could have seen: the true difference that so many pictures find in 80 of 100 repetitions.",
    "A score has no difference where of one of the two nothing is known of chance.",
)
"""How a table of contrasts is to be read."""


class Remark(Config):
    """One thing that a reader of some numbers has to know."""

    text: str
    systems: tuple[str, ...] = Field(description="of whose numbers it is said")
    metrics: tuple[str, ...] = Field((), description="of these alone; of all where there are none")


class Contrast(Config):
    """By how much a score of one system exceeds that of another, found where both were measured:
    records alone do not hold what the two share."""

    metric: str
    system: str
    against: str
    difference: float
    ci95: tuple[float, float]
    p_value: float
    smallest_detectable: float = Field(
        description="the true difference that this design finds in 80 of 100 repetitions"
    )
    higher_is_better: bool | None = None


def foot_lines(
    remarks: Iterable[Remark], rows: Collection[str], title: Callable[[str], str] = str
) -> list[str]:
    """A line for each remark, those of one text together.

    What is not said of all rows begins with the names of those of which it is.

    Args:
        title: what a metric is called.
    """
    said: dict[str, list[str]] = {}
    for remark in remarks:
        about = ", ".join(dict.fromkeys(map(title, remark.metrics)))
        text = f"{about}: {remark.text}" if about else remark.text
        said.setdefault(text, []).extend(remark.systems)
    return [
        text if set(rows) <= set(names) else f"{', '.join(dict.fromkeys(names))}: {text}"
        for text, names in said.items()
    ]
