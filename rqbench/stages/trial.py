"""Untrained models and meaningless codes: estimates use them, since they cost the same."""

import time
from statistics import mean

import torch
from torch import Tensor

from ..codes import Codes, spread
from ..experiment import SystemSpec
from ..models import build_prior, build_tokenizer
from ..prior import Prior
from ..seed import generator
from ..tokenizer import Tokenizer
from ..trainer import Objective
from .setting import Setting


def fresh_tokenizer(setting: Setting, name: str) -> Tokenizer:
    """The experiment's tokenizer of this name, as it is before training."""
    spec = setting.experiment.tokenizers[name]
    where = f"tokenizers.{name}.config"
    return build_tokenizer(spec.type, spec.config, where, setting.seed("tokenizer"))


def fresh_prior(setting: Setting, system: SystemSpec, codebook: Tensor | None) -> Prior:
    """The system's prior, as it is before training."""
    spec = setting.experiment.priors[system.prior]
    layout = setting.layouts[system.tokenizer]
    where = f"priors.{system.prior}.config"
    return build_prior(
        spec.type, spec.config, layout, codebook, setting.condition, where, setting.seed("prior")
    )


def trial_prior(setting: Setting, system: SystemSpec) -> Prior:
    """A fresh prior over a fresh tokenizer's codebook."""
    codebook = fresh_tokenizer(setting, system.tokenizer).codebook()
    codebook = None if codebook is None else codebook.detach().clone()
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


def time_steps(objective: Objective, device: str, trials: int = 3) -> float:
    """Seconds of one training step, the mean of a few after one that warms up."""
    learning = [p for p in objective.model.train().parameters() if p.requires_grad]
    if not learning:
        return 0.0
    optimizer = torch.optim.AdamW(learning, lr=1e-6)
    batches = objective.batches(0)
    seconds = []
    for step, batch in zip(range(trials + 1), batches, strict=False):  # it may have fewer steps
        started = now(device)
        loss, _ = objective.loss(batch, step)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        objective.after_step()
        seconds.append(now(device) - started)
    return mean(seconds[1:] or seconds)


def now(device: str) -> float:
    """The clock, read when the device has finished what it was given."""
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
    return time.perf_counter()
