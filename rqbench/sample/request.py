"""What is asked of `rqbench sample`, and which condition each image gets."""

from typing import Annotated, Literal

import torch
from jaxtyping import Int
from pydantic import Field
from torch import Tensor

from ..choice import Sampling
from ..config import Config
from ..errors import ConfigError, UnsupportedError, did_you_mean
from .system import TrainedSystem


class Request(Config):
    """Images to draw: equal requests of one system give equal files."""

    num: int = Field(64, ge=1, description="images")
    seed: int = Field(
        0, ge=0, description="the experiment's own gives the samples that it was scored by"
    )
    batch: int = Field(64, ge=1, description="images drawn together; it changes no image")
    classes: tuple[str, ...] | None = Field(
        None, description="by name, in equal shares; None for all, or where there are none"
    )
    sampling: Sampling = Sampling()
    accept: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        None, description="rejection sampling: share of the candidates that is kept"
    )
    probe_crops: int = Field(
        5000, ge=2, description="training crops, at most, that the classifier is fitted on"
    )
    format: Literal["png", "npz"] = "png"
    truncate: bool = Field(
        False, description="cut pixels to 8 bits instead of rounding them, as Esser et al. 2021 did"
    )
    codes: bool = Field(False, description="write the codes too")


def check_depths(sampling: Sampling, depth: int) -> None:
    """Refuse settings told for each depth where there are other depths.

    Raises:
        ConfigError: names the setting.
    """
    for name, values in (("top_k", sampling.top_k), ("top_p", sampling.top_p)):
        if isinstance(values, tuple) and len(values) not in (1, depth):
            raise ConfigError(
                f"{name} has {len(values)} values, and stacks are {depth} deep. Give one value for "
                f"all codes, or {depth}."
            )


def wanted_conditions(
    system: TrainedSystem, request: Request, given: Int[Tensor, "m c"] | None = None
) -> Int[Tensor, "m c"] | None:
    """The conditions to draw in turn, None where the prior has none.

    Args:
        given: conditions of the user's own.

    Raises:
        ConfigError: an unknown class, one that stands twice, or conditions that do not fit.
        UnsupportedError: classes, conditions or rejection where there is nothing to go by.
    """
    condition = system.prior.condition
    if condition is None:
        _refuse_where_unconditional(system, request, given)
        return None
    if request.accept is not None and system.entry.data is None:
        raise UnsupportedError(
            f"{system.name!r} was not trained here, so that the training images are unknown from "
            "which --accept teaches its classifier. Leave it out."
        )
    if given is not None:
        return _checked(system, request, given)
    names = system.class_names
    if names is not None:
        return torch.tensor([[number] for number in _wanted_classes(system.name, names, request)])
    raise UnsupportedError(
        f"{system.name!r} draws each image for a condition of {condition.length} integers below "
        f"{condition.vocab_size}, such as a caption's or a depth map's codes, and not for a class. "
        "Pass some as --condition FILE, one row a condition."
    )


def _refuse_where_unconditional(
    system: TrainedSystem, request: Request, given: Tensor | None
) -> None:
    options = {
        "--class": request.classes, "--accept": request.accept, "--condition": given,
    }  # fmt: skip
    asked = [option for option, value in options.items() if value is not None]
    if asked:
        raise UnsupportedError(
            f"{system.name!r} was trained on data without classes, so that {asked[0]} has "
            "nothing to go by. Leave it out, or train on a folder with a sub-folder a class."
        )


def _wanted_classes(name: str, names: tuple[str, ...], request: Request) -> list[int]:
    chosen = request.classes or names
    for wanted in chosen:
        if wanted not in names:
            some = [*names[:5], "...", names[-1]] if len(names) > 20 else names
            raise ConfigError(
                f"{name!r} knows no class {wanted!r}.{did_you_mean(wanted, names)} It knows: "
                f"{', '.join(some)}."
            )
        if chosen.count(wanted) > 1:
            raise ConfigError(f"The class {wanted!r} is asked for twice. Name it once.")
    return [names.index(wanted) for wanted in chosen]


def _checked(
    system: TrainedSystem, request: Request, given: Int[Tensor, "m c"]
) -> Int[Tensor, "m c"]:
    condition = system.prior.condition
    assert condition is not None
    if request.classes is not None:
        raise ConfigError("--class and --condition both say what to draw. Leave one out.")
    if len(given) == 0 or given.shape[1] != condition.length:
        raise ConfigError(
            f"{system.name!r} needs conditions of {condition.length} integers, one row each, and "
            f"the given ones are {len(given)} rows of {given.shape[1]}."
        )
    low, high = int(given.min()), int(given.max())
    if low < 0 or high >= condition.vocab_size:
        raise ConfigError(
            f"{system.name!r} needs conditions from 0 to {condition.vocab_size - 1}, and the given "
            f"ones run from {low} to {high}."
        )
    return given


def condition_of(images: Int[Tensor, " n"], wanted: Int[Tensor, "m c"]) -> Int[Tensor, "n c"]:
    """Image i gets the condition at place i modulo their number."""
    return wanted[images % len(wanted)]


def labels_of(
    images: Int[Tensor, " n"], wanted: Int[Tensor, "m c"] | None
) -> Int[Tensor, " n"] | None:
    """The class of each image, None where conditions are no classes."""
    if wanted is None or wanted.shape[1] != 1:
        return None
    return condition_of(images, wanted)[:, 0]
