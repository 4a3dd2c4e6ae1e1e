"""The ways in which `Prior.sample` draws.

| mode | loop |
|---|---|
| reference | `Prior.generate` |
| eager | `Prior.generate_lockstep` where all images draw equally many codes, else `faster_steps` |
| compile | eager by `compiled_steps`; on CUDA captured, where it is lockstep |
| graph | lockstep, captured on CUDA |
| auto | eager; in training and under autocast the reference |
"""

import os
import shutil
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

import torch
from jaxtyping import Int
from torch import Tensor

from .choice import Sampling, choose_by_uniform
from .codes import Codes
from .errors import UnsupportedError
from .graph import drawn_by_graph
from .guidance import choose_guided
from .lockstep import ChooseAll, Lockstep, all_uniforms
from .step import Choose, Step
from .uniforms import UniformRows

if TYPE_CHECKING:
    from .prior import Prior

SamplingMode = Literal["auto", "reference", "eager", "graph", "compile"]


@torch.no_grad()
def draw(
    prior: "Prior",
    num_images: int,
    seed: int,
    sampling: Sampling,
    condition: Int[Tensor, "b c"] | None,
    first_image: int,
    mode: SamplingMode,
) -> Codes:
    """What `Prior.sample` says.

    Raises:
        UnsupportedError: as there.
    """
    check_mode(prior, mode)
    guided, rows = sampling.guidance != 1, num_images
    if guided:
        condition, rows = with_twins(prior, condition), 2 * num_images
    if way_to_draw(prior, mode) == "lockstep":
        images = torch.arange(first_image, first_image + num_images, device=_device(prior))
        drawn = all_uniforms(seed, images, prior.layout.max_codes)
        if is_captured(prior, mode):
            with _steps(prior, mode):
                return drawn_by_graph(prior, rows, sampling, drawn, condition, mode)[:num_images]
        choose_all = Lockstep(sampling, drawn)
        return repeat(prior, mode, None, choose_all, rows, condition)[:num_images]

    number = UniformRows(seed, first_image, num_images)

    def choose(logits: Tensor, step: Step) -> Tensor:
        u = number(step.image, step.ordinal)
        return choose_by_uniform(logits, step.legal, u, sampling.at(step.kind, step.depth))

    choice = choose_guided(choose, sampling.guidance) if guided else choose
    return repeat(prior, mode, choice, None, rows, condition, first_image)[:num_images]


def repeat(
    prior: "Prior",
    mode: SamplingMode,
    choose: Choose | None,
    choose_all: ChooseAll | None,
    rows: int,
    condition: Int[Tensor, "b c"] | None,
    first_image: int = 0,
) -> Codes:
    """Codes by the loop of this mode, uncaptured; a lockstep one asks `choose_all`, others
    `choose`."""
    way = way_to_draw(prior, mode)
    with _steps(prior, mode):
        if way == "lockstep":
            assert choose_all is not None
            return prior.generate_lockstep(choose_all, rows, condition)
        assert choose is not None
        with prior.faster_steps() if way == "faster steps" else nullcontext():
            return prior.generate(choose, rows, condition, first_image)


def way_to_draw(prior: "Prior", mode: SamplingMode) -> Literal["plain", "lockstep", "faster steps"]:
    """Which loop draws now."""
    # dropout and autocast happen in modules, which the faster ways go past
    is_plain = prior.training or torch.is_autocast_enabled(_device(prior).type)
    if mode == "reference" or (mode == "auto" and is_plain):
        return "plain"
    return "lockstep" if prior.has_lockstep else "faster steps"


def is_captured(prior: "Prior", mode: SamplingMode) -> bool:
    """Whether a loop is recorded once and then replayed by the device alone."""
    on_cuda = _device(prior).type == "cuda"
    return mode == "graph" or (mode == "compile" and on_cuda and prior.has_lockstep)


def check_mode(prior: "Prior", mode: SamplingMode) -> None:
    """
    Raises:
        UnsupportedError: a mode that the prior cannot sample in, here.
    """
    reasons = {"eager": _no_eager, "graph": _no_graph, "compile": _no_compile}
    if mode in reasons and (why := reasons[mode](prior)):
        raise UnsupportedError(
            f'{type(prior).__name__} {why}. Sample with mode "reference", or "auto".'
        )


def check_guidance(prior: "Prior", has_condition: bool) -> None:
    """What `Prior.check_guidance` says.

    Raises:
        UnsupportedError: as there.
    """
    if not has_condition or prior.condition is None:
        raise UnsupportedError(
            "Guidance strengthens a condition, and there is none. Set guidance to 1, or train "
            "a prior on data with classes."
        )
    if not prior.condition.null:
        raise UnsupportedError(
            "This prior has not learned to do without its condition, which guidance needs. "
            "Set guidance to 1, or train it with `label_dropout` above 0."
        )


def with_twins(prior: "Prior", condition: Int[Tensor, "b c"] | None) -> Int[Tensor, "twice c"]:
    """The condition, and below it as many rows of the null condition."""
    check_guidance(prior, condition is not None)
    assert condition is not None and prior.condition is not None
    return torch.cat([condition, torch.full_like(condition, prior.condition.vocab_size)])


def _steps(prior: "Prior", mode: SamplingMode) -> AbstractContextManager[None]:
    return prior.compiled_steps() if mode == "compile" else nullcontext()


def _no_eager(prior: "Prior") -> str:
    if prior.has_lockstep or prior.has_faster_steps:
        return ""
    return f"has no eager mode for codes of the layout {prior.layout}"


def _no_graph(prior: "Prior") -> str:
    device = _device(prior).type
    if device != "cuda":
        return f"cannot be captured as a graph on the device {device}, only on CUDA"
    if not prior.has_lockstep:
        return f"draws codes of the layout {prior.layout} in an order that no graph can hold"
    return ""


def _no_compile(prior: "Prior") -> str:
    if not prior.has_compiled_steps:
        return "has no steps to compile"
    compilers = os.environ.get("CXX", "g++"), "clang++"
    if _device(prior).type == "cpu" and not any(map(shutil.which, compilers)):
        return "cannot be compiled without a C++ compiler; install g++, or name one in CXX"
    if _device(prior).type == "cuda" and not find_spec("triton"):
        return "cannot be compiled without the package triton; pip install triton"
    return ""


def _device(prior: "Prior") -> torch.device:
    return next((weight.device for weight in prior.parameters()), torch.device("cpu"))
