"""The sides of a comparison, read off records, and what was changed from one to the other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from .metric_names import is_of_samples
from .record import Record

Change = Literal[
    "tokenizer", "training of the tokenizer", "prior", "training of the prior", "sampling"
]

TRAININGS: frozenset[Change] = frozenset({"training of the tokenizer", "training of the prior"})


@dataclass(frozen=True)
class Side:
    """A tokenizer, or a complete system.

    Attributes:
        tokenizer, prior: their names; no prior where only the tokenizer takes part.
        tokenizer_values, prior_values: by metric, what was recorded of each.
        tokenizer_setup, prior_setup: digests of how each was made, empty where they are not known.
    """

    tokenizer: str
    prior: str | None
    tokenizer_values: Mapping[str, float]
    prior_values: Mapping[str, float]
    tokenizer_setup: Mapping[str, str] = field(default_factory=dict)
    prior_setup: Mapping[str, str] = field(default_factory=dict)


def side(tokenizer: str, prior: str | None, records: Iterable[Record]) -> Side:
    """The side of these names. Records with settings are of a part or of another operating point,
    and do not count."""
    system = f"{tokenizer} + {prior}"
    values: dict[str, dict[str, float]] = {tokenizer: {}, system: {}}
    setups: dict[str, dict[str, str]] = {tokenizer: {}, system: {}}
    for record in records:
        if record.system in values and not record.settings:
            values[record.system].setdefault(record.metric, record.value)
            setups[record.system] |= record.setup or {}
    if prior is None:
        return Side(tokenizer, None, values[tokenizer], {}, setups[tokenizer])
    return Side(
        tokenizer, prior, values[tokenizer], values[system], setups[tokenizer], setups[system]
    )


def same_codes(ours: Side, theirs: Side) -> bool:
    """Of one tokenizer, or of two that are alike in all but their names."""
    alike = bool(ours.tokenizer_setup) and ours.tokenizer_setup == theirs.tokenizer_setup
    return ours.tokenizer == theirs.tokenizer or alike


def changes(metric: str, ours: Side, theirs: Sequence[Side]) -> tuple[Change, ...]:
    """What differs from any of the others and matters for the metric."""
    found = {name for one in theirs for name, differs in _between(ours, one).items() if differs}
    if not is_of_samples(metric):
        found.discard("sampling")
    return tuple(name for name in get_args(Change) if name in found)


def _between(ours: Side, theirs: Side) -> dict[Change, bool]:
    """By their setups. Where those are not known, models differ by name, and trainings by the
    number of images, where that is known."""
    tokenizers = ours.tokenizer_setup, theirs.tokenizer_setup
    priors = ours.prior_setup, theirs.prior_setup
    other_tokenizer = ours.tokenizer != theirs.tokenizer
    longer = other_tokenizer and _other_length(ours.tokenizer_values, theirs.tokenizer_values)
    prior_longer = _other_length(ours.prior_values, theirs.prior_values)
    return {
        "tokenizer": _differ("model", *tokenizers, other_tokenizer),
        "training of the tokenizer": _differ("training", *tokenizers, longer),
        "prior": _differ("model", *priors, ours.prior != theirs.prior),
        "training of the prior": _differ("training", *priors, prior_longer),
        "sampling": _differ("sampling", *priors, False),
    }


def _differ(part: str, ours: Mapping[str, str], theirs: Mapping[str, str], otherwise: bool) -> bool:
    return ours[part] != theirs[part] if part in ours and part in theirs else otherwise


def _other_length(ours: Mapping[str, float], theirs: Mapping[str, float]) -> bool:
    images = {values["training_images"] for values in (ours, theirs) if "training_images" in values}
    return len(images) == 2
