"""What a comparison holds equal, read off the records of its sides, and why it may answer nothing.

A comparison has a system on one side and its control on the other. A line has two ends: rates and
codes are read between them, and what the ends cost is as far off as the worse of them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from .metric_names import is_rate
from .sides import TRAININGS, Change, Side, changes, same_codes

Quantity = Literal[
    "nominal_bits", "mean_codes", "codes", "parameters", "macs", "training_steps", "training_images"
]

TOLERANCE = 0.02
"""Quantities whose ratio lies within this of 1, whichever is the larger, count as equal."""

TITLES: dict[Quantity, str] = {
    "nominal_bits": "nominal bits", "mean_codes": "mean codes", "codes": "codes",
    "parameters": "parameters", "macs": "multiply-adds", "training_steps": "training steps",
    "training_images": "training images",
}  # fmt: skip

MEASURED_AS: dict[Quantity, str] = {
    "nominal_bits": "rate_nominal_bpp", "mean_codes": "codes_per_image", "parameters": "parameters",
    "macs": "macs", "training_steps": "training_steps", "training_images": "training_images",
}  # fmt: skip
"""By quantity, the metric of the records that tell it; codes are those of one tokenizer."""

ALONG_A_LINE = frozenset({"nominal_bits", "mean_codes"})
OF_BOTH_STAGES = frozenset({"training_steps", "training_images"})


@dataclass(frozen=True)
class Balance:
    """One quantity on both sides; None where it was not measured.

    Attributes:
        is_equal: within the tolerance.
    """

    quantity: Quantity
    ours: float | None
    theirs: float | None
    is_equal: bool

    @property
    def ratio(self) -> float | None:
        return self.ours / self.theirs if self.ours is not None and self.theirs else None

    def __str__(self) -> str:
        """The quantity with its ratio: "nominal bits 1.00"."""
        title = TITLES[self.quantity]
        if self.ratio is not None:
            return f"{title} {self.ratio:.2f}"
        return title if self.is_equal else f"{title} not known"


@dataclass(frozen=True)
class Control:
    """How fair a comparison is.

    Attributes:
        held: what the question says is equal, as it was measured.
        unequal: what was measured, is not equal, and was not said to be.
        changed: what differs between the sides and matters for the metric.
        faults: why it answers nothing; none where it is fair.
    """

    held: tuple[Balance, ...]
    unequal: tuple[Balance, ...]
    changed: tuple[Change, ...]
    faults: tuple[str, ...]


def within(ours: int | float, theirs: int | float, tolerance: float = TOLERANCE) -> bool:
    """Whether the larger of two amounts is at most this much above the smaller."""
    return max(ours, theirs) <= (1 + tolerance) * min(ours, theirs)


def control(
    metric: str,
    ours: Side,
    theirs: Sequence[Side],
    equal: Sequence[Quantity] = (),
    at: str | None = None,
) -> Control:
    """Judge a comparison in one metric.

    Args:
        theirs: the control; two sides for the straight line between them.
        equal: what the question says is equal.
        at: the metric at whose value a line is read.
    """
    balances = {quantity: _worst(quantity, ours, theirs, at) for quantity in TITLES}
    changed = changes(metric, ours, theirs)
    faults = [_off(balances[quantity]) for quantity in equal if not balances[quantity].is_equal]
    if len(changed) > 1:
        number = "both" if len(changed) == 2 else "all"
        faults.append(f"{', '.join(changed[:-1])} and {changed[-1]} {number} differ")
    images, size, work = (balances[name] for name in ("training_images", "parameters", "macs"))
    if set(changed) - TRAININGS and not images.is_equal and "training_images" not in equal:
        faults.append(_off(images))
    if not balances["codes"].is_equal:
        faults += _unequal_rate(metric, balances["nominal_bits"], equal, at)
    if "tokenizer" in changed:
        if not (size.is_equal or work.is_equal):
            faults.append(f"neither is equal: {size}, {work}")
    elif "prior" in changed and not size.is_equal and "parameters" not in equal:
        faults.append(_off(size))
    return Control(
        tuple(balances[quantity] for quantity in equal),
        tuple(
            balance
            for quantity, balance in balances.items()
            if quantity not in equal and balance.ratio is not None and not balance.is_equal
        ),
        changed,
        tuple(faults),
    )


def _worst(quantity: Quantity, ours: Side, theirs: Sequence[Side], at: str | None) -> Balance:
    """The quantity against that end of the control which is farther off; what a line gives between
    its ends is read where the comparison reads it."""
    if at is not None and quantity in ALONG_A_LINE:
        metric = MEASURED_AS[quantity]
        own, start, end = (one.tokenizer_values.get(metric) for one in (ours, *theirs))
        share = _share(at, ours, *theirs)
        if share is not None and start is not None and end is not None:
            return _pair(quantity, own, (1 - share) * start + share * end)
    return max((_balance(quantity, ours, one) for one in theirs), key=_distance)


def _share(at: str, ours: Side, low: Side, high: Side) -> float | None:
    """How far from low to high the system stands in the metric `at`."""
    own, start, end = (one.tokenizer_values.get(at) for one in (ours, low, high))
    if own is None or start is None or end is None or start == end:
        return None
    return (own - start) / (end - start)


def _balance(quantity: Quantity, ours: Side, theirs: Side) -> Balance:
    same = same_codes(ours, theirs)
    if quantity == "codes":
        return Balance(quantity, None, None, same)
    metric = MEASURED_AS[quantity]
    of_tokenizers = ours.tokenizer_values.get(metric), theirs.tokenizer_values.get(metric)
    of_priors = ours.prior_values.get(metric), theirs.prior_values.get(metric)
    if quantity in OF_BOTH_STAGES and ours.prior is not None:
        pairs = [of_priors] if same else [of_tokenizers, of_priors]
    else:  # the size of what was changed
        is_prior = quantity == "parameters" and same and ours.prior is not None
        pairs = [of_priors if is_prior else of_tokenizers]
    return max((_pair(quantity, *pair) for pair in pairs), key=_distance)


def _pair(quantity: Quantity, ours: float | None, theirs: float | None) -> Balance:
    known = ours is not None and theirs is not None
    return Balance(quantity, ours, theirs, known and within(ours or 0.0, theirs or 0.0))


def _distance(balance: Balance) -> float:
    """How far apart both values are; what is not known is farthest."""
    if not balance.ratio:
        return 0.0 if balance.is_equal else math.inf
    return abs(math.log(balance.ratio))


def _unequal_rate(
    metric: str, bits: Balance, equal: Sequence[Quantity], at: str | None
) -> list[str]:
    """Of different codes the rate is held, or their mean number where a question says so: more bits
    give better pictures and slower samples whatever the method."""
    if is_rate(metric):
        return ["rates of different codes, whose distortion differs"]
    if at is None and not bits.is_equal and not {"nominal_bits", "mean_codes"} & set(equal):
        return [f"unequal rates: {_off(bits)}"]
    return []


def _off(balance: Balance) -> str:
    if balance.ours is None or balance.theirs is None:
        return str(balance) if balance.quantity != "codes" else "not the same codes"
    return f"{TITLES[balance.quantity]} {balance.ours:,.4g} against {balance.theirs:,.4g}"
