"""The budgets that systems are compared at: which records tell them, as amounts an image."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from ..errors import ConfigError
from ..metric_names import is_of_samples
from ..record import Record
from .curves import is_codec

Axis = Literal["bits", "codes", "flops", "seconds"]


@dataclass(frozen=True)
class Budget:
    """One kind of budget beside bits, which are the rate that was asked for.

    Attributes:
        metric: of the records that tell it.
        name: of the amount an image, with its unit.
        meaning: what is counted, as it is read behind the number.
    """

    metric: str
    name: str
    meaning: str
    convert: Callable[[float], float]


BUDGETS: dict[str, Budget] = {
    "codes": Budget("codes_per_image", "codes_per_image", "codes of one image", float),
    "flops": Budget(
        "macs", "operations_per_image",
        "operations to encode and decode one image, two a multiply-add",
        lambda macs: 2 * macs,
    ),
    "seconds": Budget(
        "sampling_images_per_s", "sampling_s_per_image",
        "seconds to sample one image, prior and decoder together, at the largest batch",
        lambda per_second: 1 / per_second,
    ),
}  # fmt: skip


def with_budget(records: Sequence[Record], axis: Axis, measure: str) -> tuple[list[Record], str]:
    """The records without rates of codecs, with the amounts of a budget; and the name of those.

    Raises:
        ConfigError: nothing was recorded that tells the budget.
    """
    budget, own = BUDGETS[axis], [record for record in records if not is_codec(record)]
    if axis == "flops" and is_of_samples(measure):
        raise ConfigError(
            f"{measure} judges samples, and no record tells the operations of sampling: those of "
            "--match flops encode and decode an image. Match seconds, bits or codes."
        )
    told = [record for record in own if record.metric == budget.metric]
    if not told:
        raise ConfigError(
            f"--match {axis} reads {budget.metric}, and nothing here has it. Name a run of "
            "`rqbench compare` that measured it, or match something else."
        )
    if budget.metric == budget.name:
        return own, budget.name
    by_batch = sorted(told, key=lambda record: float(record.settings.get("batch", 0)))
    largest = {record.system: record for record in by_batch}
    return own + [_amount(record, budget) for record in largest.values()], budget.name


def _amount(record: Record, budget: Budget) -> Record:
    """A number that does not depend on images; a timing's spread over repeats stays behind."""
    changes = {"metric": budget.name, "value": budget.convert(record.value), "settings": {}}
    return record.model_copy(update={**changes, "raw": None, "ci95": None})
