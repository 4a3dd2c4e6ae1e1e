"""What is asked of `rqbench sample`, and which class each image gets."""

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
    codes: bool = Field(False, description="write the codes too")


def wanted_classes(system: TrainedSystem, request: Request) -> Int[Tensor, " c"] | None:
    """The numbers of the classes to draw, None where the data has none.

    Raises:
        ConfigError: an unknown class, or one that stands twice.
        UnsupportedError: classes or rejection where the data has none.
    """
    names = system.class_names
    if names is None:
        asked = [
            option
            for option, value in (("--class", request.classes), ("--accept", request.accept))
            if value is not None
        ]
        if asked:
            raise UnsupportedError(
                f"{system.name!r} was trained on data without classes, so that {asked[0]} has "
                "nothing to go by. Leave it out, or train on a folder with a sub-folder a class."
            )
        return None
    chosen = request.classes or names
    for name in chosen:
        if name not in names:
            raise ConfigError(
                f"{system.name!r} knows no class {name!r}.{did_you_mean(name, names)} It knows: "
                f"{', '.join(names)}."
            )
        if chosen.count(name) > 1:
            raise ConfigError(f"The class {name!r} is asked for twice. Name it once.")
    return torch.tensor([names.index(name) for name in chosen])


def class_of(images: Int[Tensor, " n"], wanted: Int[Tensor, " c"]) -> Int[Tensor, " n"]:
    """Image i gets the class at place i modulo their number."""
    return wanted[images % len(wanted)]
