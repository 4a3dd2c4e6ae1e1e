"""What a prior trains on at each step: stored codes, or the same crops encoded anew and softly.

Both go through the same pool of crops in the same order, so that two trainings which differ in
their targets alone have seen the same pictures at the same steps.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from ..codes import Codes
from ..condition_spec import ConditionSpec
from ..data import to_float
from ..prior_batch import PriorBatch
from ..seed import generator
from ..tokenizer import Tokenizer
from ..training import PriorTraining, SoftTargets
from .setting import Setting


def rows_of_step(seed: int, pool: int, batch_size: int, step: int) -> list[int]:
    """The crops of one step. Each epoch goes through the pool once, in an order of its own; what is
    left of it, less than a batch, waits for another epoch."""
    epoch, place = divmod(step, pool // batch_size)
    order = torch.randperm(pool, generator=generator(seed, epoch))
    rows: list[int] = order[place * batch_size : (place + 1) * batch_size].tolist()
    return rows


def drop_labels(
    labels: Int[Tensor, " b"], condition: ConditionSpec, share: float, source: torch.Generator
) -> Int[Tensor, "b 1"]:
    """Labels as a condition, each replaced by the null one with this probability."""
    hidden = torch.rand(len(labels), generator=source) < share
    return labels.masked_fill(hidden.to(labels.device), condition.vocab_size)[:, None]


@dataclass(frozen=True)
class Conditions:
    """Makes the condition of a step's images from their labels."""

    setting: Setting
    training: PriorTraining
    spec: ConditionSpec | None

    def at(self, labels: Int[Tensor, " b"] | None, step: int) -> Int[Tensor, "b 1"] | None:
        if labels is None or self.spec is None:
            return None
        source = generator(self.setting.seed("label dropout"), step)
        condition = drop_labels(labels, self.spec, self.training.label_dropout, source)
        return condition.to(self.setting.device)


def stored_batches(
    conditions: Conditions, codes: Codes, labels: Int[Tensor, " n"] | None, first: int
) -> Iterator[PriorBatch]:
    """Codes that were encoded once, from step `first` on."""
    setting, training = conditions.setting, conditions.training
    for step in range(first, training.steps):
        rows = torch.tensor(
            rows_of_step(setting.seed("prior batches"), len(codes), training.batch_size, step)
        )
        condition = conditions.at(None if labels is None else labels[rows], step)
        yield PriorBatch(codes[rows.to(codes.values.device)], condition)


@dataclass(frozen=True)
class Crops:
    """Crops of one step, or a part of them, before they are encoded.

    Attributes:
        place: of the first one in the whole batch.
    """

    images: UInt8[Tensor, "b 3 H W"]
    condition: Int[Tensor, "b c"] | None
    place: int = 0

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, part: slice) -> "Crops":
        condition = None if self.condition is None else self.condition[part]
        return Crops(self.images[part], condition, self.place + (part.start or 0))


def crop_batches(conditions: Conditions, first: int) -> Iterator[Crops]:
    """The crops whose stored codes `stored_batches` would give, from step `first` on."""
    setting, training = conditions.setting, conditions.training
    chosen = partial(
        rows_of_step, setting.seed("prior batches"), training.crops, training.batch_size
    )
    stream = setting.data.stream_chosen(
        setting.seed("prior crops"), chosen, first, training.steps - first,
        setting.experiment.data.workers,
    )  # fmt: skip
    for step, batch in enumerate(stream, start=first):
        yield Crops(batch.images, conditions.at(batch.labels, step))


@torch.no_grad()
def encode_softly(
    setting: Setting, tokenizer: Tokenizer, soft: SoftTargets, crops: Crops, step: int
) -> PriorBatch:
    """Codes and soft targets of crops, in single precision whatever the training's is."""
    source = generator(setting.seed("soft codes"), step, crops.place) if soft.stochastic else None
    images = to_float(crops.images.to(setting.device, non_blocking=True))
    with torch.autocast(images.device.type, enabled=False):
        targets, codes = tokenizer.soft_codes(images, soft.temperature, source)
    return PriorBatch(codes, crops.condition, targets)


def target_perplexity(batch: PriorBatch) -> Float[Tensor, ""]:
    """How many codes the soft targets spread over, the exponential of their mean entropy: near 1
    the temperature does nothing, near the codebook's size nothing is left to learn."""
    assert batch.soft_targets is not None
    entropies: Tensor = torch.special.entr(batch.soft_targets).sum(dim=-1)
    return entropies.mean().exp()
