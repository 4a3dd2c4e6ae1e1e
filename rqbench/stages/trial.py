"""Untrained models and meaningless codes: estimates use them, since they cost the same."""

import time
from dataclasses import replace
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


def time_steps(objective: Objective, training: Training, device: str, trials: int = 3) -> float:
    """Seconds of one training step, the mean of a few after one that warms up.

    They are the training's last ones, when whatever starts late takes part.
    """
    if not any(parameter.requires_grad for parameter in objective.model.train().parameters()):
        return 0.0
    optimizers = build_optimizers(objective, training)
    first = max(training.steps - trials - 1, 0)
    seconds = []
    steps = range(first, training.steps)
    for step, batch in zip(steps, objective.batches(first), strict=False):
        started = now(device)
        take_step(objective, optimizers, training, batch, step, device)
        seconds.append(now(device) - started)
    return mean(seconds[1:] or seconds)


def now(device: str) -> float:
    """The clock, read when the device has finished what it was given."""
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
    return time.perf_counter()
