"""Building a model whose weights come from a file, without drawing them at random first."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

DRAWS = frozenset({"normal_", "uniform_", "kaiming_normal_", "kaiming_uniform_"})
"""What torch draws weights by; its other ways call the first two."""


class Unfilled(TorchFunctionMode):
    """While it is entered, parameters of new modules are zeros in place of random numbers: for a
    strict load that comes next. Buffers are computed as always, since a state dict need not hold
    them."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        target = args[0] if args else (kwargs or {}).get("tensor")
        if getattr(func, "__name__", "") in DRAWS and isinstance(target, nn.Parameter):
            with torch.no_grad():
                return target.zero_()  # some draws repeat until all values lie within bounds
        return func(*args, **(kwargs or {}))
