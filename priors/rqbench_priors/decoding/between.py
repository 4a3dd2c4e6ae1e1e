"""What a step does between two products: a bias with the norm after it, and the activation. Each
is one kernel where they are compiled.

Axes: b rows, w width.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from inspect import unwrap

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

_compiles = ContextVar("compiles", default=False)


@contextmanager
def compiled_steps() -> Iterator[None]:
    """Stacks that are made for decoding while this lasts compile what lies between products."""
    token = _compiles.set(True)
    try:
        yield
    finally:
        _compiles.reset(token)


def compiles() -> bool:
    return _compiles.get()


def settle(
    stream: Float[Tensor, "b w"],
    pending: Float[Tensor, " w"],
    weight: Float[Tensor, " w"],
    bias: Float[Tensor, " w"],
) -> Float[Tensor, "b w"]:
    """Add what a product left pending to the stream, in place; the norm of the stream."""
    stream.add_(pending)
    return torch.layer_norm(stream, weight.shape, weight, bias)


@cache
def compiled_settle() -> Callable[..., Tensor]:
    return torch.compile(unwrap(settle))  # without the checks that tests put around it


@cache
def compiled_gelu() -> Callable[..., Tensor]:
    return torch.compile(F.gelu)
