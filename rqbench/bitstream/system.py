"""What coding asks of a system: its name, its side, its device, and what its prior is told."""

import hashlib
import json
from contextlib import suppress

import torch
from jaxtyping import Int
from torch import Tensor

from ..errors import ConfigError, UnsupportedError, did_you_mean
from ..prior import Prior
from ..sample.pairing import MAX_DOWNSAMPLE
from ..sample.system import TrainedSystem
from ..tokenizer import Tokenizer


def model_id(system: TrainedSystem) -> bytes:
    """8 bytes of a SHA-256 over the weights and the configs of both models."""
    models: dict[str, Tokenizer | Prior] = {"tokenizer": system.tokenizer, "prior": system.prior}
    facts = {
        name: [
            system.weights_sha256[name], type(model).__name__, model.config.model_dump(mode="json")
        ]
        for name, model in models.items()
    }  # fmt: skip
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).digest()[:8]


def side_of(system: TrainedSystem) -> int:
    """Side in pixels of the images whose codes the prior models."""
    layout = system.prior.layout
    for downsample in range(1, MAX_DOWNSAMPLE + 1):
        with suppress(ConfigError):  # a side that the tokenizer cannot divide
            if system.tokenizer.layout(layout.height * downsample) == layout:
                return layout.height * downsample
    raise UnsupportedError(
        f"The prior of {system.name!r} models codes of {layout}, which the tokenizer gives for no "
        f"square image of up to {MAX_DOWNSAMPLE} pixels a cell."
    )


def device_of(system: TrainedSystem) -> torch.device:
    return next(system.prior.parameters()).device


def condition_of(system: TrainedSystem, class_name: str | None) -> tuple[int, ...]:
    """What the prior is told of each picture: a class; or that there is none, where it knows how.

    Raises:
        ConfigError: a class is needed, or unknown.
        UnsupportedError: a prior without classes, and a class is given; conditions of other kinds.
    """
    condition, names = system.prior.condition, system.class_names
    if condition is None:
        if class_name is not None:
            raise UnsupportedError(
                f"The prior of {system.name!r} has no classes. Leave --class out."
            )
        return ()
    if class_name is None and condition.null:
        return (condition.vocab_size,) * condition.length
    if names is None:
        raise UnsupportedError(
            f"The prior of {system.name!r} needs a condition of {condition.length} integers, and "
            "only classes can be given here. Use `rqbench.bitstream.encode_codes` from Python."
        )
    if class_name not in names:
        what = "needs a class" if class_name is None else f"knows no class {class_name!r}"
        close = "" if class_name is None else did_you_mean(class_name, names)
        raise ConfigError(
            f"The prior of {system.name!r} {what}.{close} Name one as --class: "
            f"{', '.join(names[:20])}{' ...' if len(names) > 20 else ''}."
        )
    return (names.index(class_name),)


def rows_of(
    condition: tuple[int, ...], num_images: int, device: torch.device
) -> Int[Tensor, "n c"] | None:
    """The same condition for each image; None where it is empty."""
    if not condition:
        return None
    return torch.tensor(condition, device=device).expand(num_images, -1)
