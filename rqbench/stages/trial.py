"""Untrained models and meaningless codes: estimates use them, since they cost the same."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import mean

import torch
from torch import Tensor

from ..codes import Codes, spread
from ..descent import build_optimizers, take_step
from ..experiment import SystemSpec
from ..models import build_prior, build_tokenizer
from ..objective import Objective
from ..prior import Prior
from ..seed import generator
from ..tokenizer import Tokenizer
from ..training import Training
from .setting import Setting

TRIAL_S = 10.0
"""Of a stage's work so much is tried at the most, or one image where that takes longer."""


def fresh_tokenizer(setting: Setting, name: str) -> Tokenizer:
    """The experiment's tokenizer of this name, as it is before training."""
    spec = setting.experiment.tokenizers[name]
    where = f"tokenizers.{name}.config"
    return build_tokenizer(spec.type, spec.config, where, setting.seed("tokenizer"))


def frozen_codebook(tokenizer: Tokenizer) -> Tensor | None:
    """A copy of the vectors that codes name, for a prior's inputs; None where there are none."""
    codebook = tokenizer.codebook()
    return None if codebook is None else codebook.detach().clone()


def fresh_prior(setting: Setting, system: SystemSpec, codebook: Tensor | None) -> Prior:
    """The system's prior, as it is before training. Label dropout gives it a null condition."""
    spec, training = (
        setting.experiment.priors[system.prior], setting.experiment.prior_training(system.prior),
    )  # fmt: skip
    layout, condition = setting.layouts[system.tokenizer], setting.condition
    if condition is not None and training.label_dropout:
        condition = replace(condition, null=True)
    where = f"priors.{system.prior}.config"
    return build_prior(
        spec.type, spec.config, layout, codebook, condition, where, setting.seed("prior")
    )


def trial_prior(setting: Setting, system: SystemSpec) -> Prior:
    """A fresh prior over a fresh tokenizer's codebook."""
    codebook = frozen_codebook(fresh_tokenizer(setting, system.tokenizer))
    return fresh_prior(setting, system, codebook)


def random_codes(setting: Setting, tokenizer: str, num_images: int) -> Codes:
    """Legal codes without meaning."""
    layout = setting.layouts[tokenizer]
    source = generator(setting.experiment.seed, "random codes")
    shape = (num_images, layout.height, layout.width, layout.depth)
    values = torch.randint(layout.codebook_size, shape, generator=source)
    if not layout.is_dynamic:
        return Codes(values, layout)
    grains = torch.randint(layout.num_grains, (num_images, *layout.region_grid), generator=source)
    return Codes(spread(values, grains, layout), layout, grains)


def random_labels(setting: Setting, num_images: int) -> Tensor | None:
    """A class for each image, in turn; None where the data has no classes."""
    if setting.condition is None:
        return None
    return torch.arange(num_images) % setting.condition.vocab_size


@dataclass(frozen=True)
class Tried:
    """What a trial found.

    Attributes:
        each_s: seconds for one image.
        num_images: that were tried at once, of as many as the work does at once.
    """

    each_s: float
    num_images: int
    count: int

    @property
    def whole(self) -> bool:
        return self.num_images == self.count


def try_images(
    prepare: Callable[[int], Callable[[], object]], count: int, device: str, repeats: int = 1
) -> Tried:
    """Time work on `count` images at once, or on so many as it does in about TRIAL_S seconds.

    One image goes first, to warm up and to tell how many those are; where it alone takes longer, it
    stands for all.

    Args:
        prepare: a number of images -> what is timed.
        repeats: of which the first warms up; fewer where they take too long.
    """
    for _ in range(2):
        one = _seconds(prepare(1), device)
        if one > TRIAL_S:
            return Tried(one, 1, count)
    num, seconds = 1, [one]
    while num < count:  # many at once are often quicker, and then more of them can be tried
        each = seconds[0] / num
        more = count if each * count <= TRIAL_S else int(TRIAL_S / each)
        if more <= num:
            break
        num, seconds = more, [_seconds(prepare(more), device)]
    work = prepare(num)
    while len(seconds) < repeats and sum(seconds) < TRIAL_S:
        seconds.append(_seconds(work, device))
    return Tried(mean(seconds[1:] or seconds) / num, num, count)


def time_steps(objective: Objective, training: Training, device: str) -> Tried:
    """One training step: the last one, when whatever starts late takes part."""
    if not any(parameter.requires_grad for parameter in objective.model.train().parameters()):
        return Tried(0.0, training.batch_size, training.batch_size)
    optimizers = build_optimizers(objective, training)
    last = training.steps - 1
    batch = next(objective.batches(last))

    def step(num_images: int) -> Callable[[], object]:
        part = batch[:num_images]
        return lambda: take_step(objective, optimizers, training, part, last, device)

    return try_images(step, training.batch_size, device, repeats=3)


def _seconds(work: Callable[[], object], device: str) -> float:
    started = now(device)
    work()
    return now(device) - started


def now(device: str) -> float:
    """The clock, read when the device has finished what it was given."""
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
    return time.perf_counter()
