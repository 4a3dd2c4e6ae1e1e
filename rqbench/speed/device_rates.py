"""What the device can do, measured in the same run at the sizes that the model asks for.

A floor is only as low as these rates are high, so each is the best of several tries, and of several
ways where there are several.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import nn

from .clock import timed

TRY_S, TRIES = 0.02, 7
"""Seconds that one try lasts at least, and how many there are."""

SMALLEST_BYTES = {"cpu": 4 * 2**20, "cuda": 64 * 2**20}
"""Of the buffer that is read: what takes less time than calling the kernel measures the call."""

MORE_ROWS = 16

LARGE_SIDE = {"cpu": 1024, "cuda": 8192}
"""Of the square product that stands for convolutions."""


@dataclass(frozen=True)
class ModelSizes:
    """What decides at which rates a prior can run.

    Attributes:
        weight_bytes: of all its linear layers: what a step reads.
        inputs, outputs: of the shape of linear layer that holds most weights.
    """

    weight_bytes: int
    inputs: int
    outputs: int


@dataclass(frozen=True)
class DeviceRates:
    """
    Attributes:
        bytes_per_s: the better of summing a buffer of `buffer_bytes` and multiplying it with a
            vector.
        operations_per_s: of the product batch x inputs x outputs in `product`, or of MORE_ROWS
            times as many rows, whichever is faster: few rows may wait for their weights, which the
            floor counts apart.
        large_operations_per_s: of a large square product.
    """

    bytes_per_s: float
    operations_per_s: float
    large_operations_per_s: float
    buffer_bytes: int
    product: tuple[int, int, int]
    large_product: tuple[int, int, int]


def sizes_of(model: nn.Module) -> ModelSizes:
    """Sizes of a prior, whoever wrote it."""
    weights: dict[tuple[int, int], int] = {}
    layers = [part for part in model.modules() if isinstance(part, nn.Linear)]
    for layer in layers:
        shape = layer.in_features, layer.out_features
        weights[shape] = weights.get(shape, 0) + layer.weight.numel()
    inputs, outputs = max(weights, key=lambda shape: weights[shape], default=(1024, 4096))
    return ModelSizes(sum(layer.weight.nbytes for layer in layers), inputs, outputs)


def measure_rates(sizes: ModelSizes, batch: int, device: str, dtype: torch.dtype) -> DeviceRates:
    """Rates at these sizes, now."""
    kind = device.partition(":")[0]
    num_bytes = max(sizes.weight_bytes, SMALLEST_BYTES[kind])
    rows, shape = (batch, MORE_ROWS * batch), (sizes.inputs, sizes.outputs)
    large = (LARGE_SIDE[kind],) * 3
    return DeviceRates(
        bandwidth(num_bytes, device),
        max(product_rate((some, *shape), device, dtype) for some in rows),
        product_rate(large, device, dtype),
        num_bytes,
        (batch, *shape),
        large,
    )


def best_rates(own: DeviceRates, measured: Sequence[DeviceRates]) -> DeviceRates:
    """The best of all that were measured at its own sizes."""
    return replace(
        own,
        bytes_per_s=max(
            one.bytes_per_s for one in measured if one.buffer_bytes == own.buffer_bytes
        ),
        operations_per_s=max(
            one.operations_per_s for one in measured if one.product == own.product
        ),
        large_operations_per_s=max(
            one.large_operations_per_s for one in measured if one.large_product == own.large_product
        ),
    )


def bandwidth(num_bytes: int, device: str) -> float:
    """Bytes a second that a buffer of this size is read with. Drawing reads nearly all that it
    moves; what a copy moves both ways counts for more than a core can read."""
    columns = 1024
    matrix = torch.ones(max(num_bytes // (4 * columns), 1), columns, device=device)
    vector = torch.ones(columns, device=device)
    ways: list[Callable[[], object]] = [matrix.sum, lambda: torch.mv(matrix, vector)]
    return matrix.nbytes / min(_best_seconds(way, device) for way in ways)


def product_rate(shape: tuple[int, int, int], device: str, dtype: torch.dtype) -> float:
    """Operations a second, two for each multiply-add, of a matrix product."""
    rows, inputs, outputs = shape
    left = torch.randn(rows, inputs, device=device).to(dtype)
    right = torch.randn(outputs, inputs, device=device).to(dtype)
    turned = right.t().contiguous()  # which one is faster depends on the library and on the sizes
    ways: list[Callable[[], object]] = [
        lambda: nn.functional.linear(left, right), lambda: torch.mm(left, turned)
    ]  # fmt: skip
    return 2 * rows * inputs * outputs / min(_best_seconds(way, device) for way in ways)


@torch.no_grad()
def _best_seconds(work: Callable[[], object], device: str) -> float:
    """Of one call, in the best of several tries that each last long enough to be measured."""
    _, warm = timed(device, work)
    _, once = timed(device, work)
    calls = max(1, round(TRY_S / max(min(once.wall_s, warm.wall_s), 1e-7)))

    def many() -> None:
        for _ in range(calls):
            work()

    # one thread's processor time is not stretched by what else the machine does
    alone = device == "cpu" and torch.get_num_threads() == 1
    laps = [timed(device, many)[1] for _ in range(TRIES)]
    return min(lap.device_s if alone else lap.wall_s for lap in laps) / calls
