"""Whether products of float32 numbers on CUDA may round their factors to TF32, 10 bits."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ..errors import UnsupportedError


def check_can_round(device: str) -> None:
    """
    Raises:
        UnsupportedError: a device that has no such products.
    """
    if not device.startswith("cuda"):
        raise UnsupportedError(
            f"Products on the device {device} cannot round to TF32; only CUDA's can. Leave `tf32` "
            "out, or use --device cuda."
        )


@contextmanager
def tf32_products(allowed: bool, device: str) -> Iterator[None]:
    """While it lasts they may, or may not, whatever the process had said before; on a CPU nothing
    changes."""
    if not device.startswith("cuda"):
        yield
        return
    products, convolutions = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    torch.set_float32_matmul_precision("high" if allowed else "highest")
    torch.backends.cudnn.allow_tf32 = allowed
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(products)
        torch.backends.cudnn.allow_tf32 = convolutions


def tf32_is_on(device: str) -> bool:
    """Whether they may now."""
    return device.startswith("cuda") and torch.get_float32_matmul_precision() != "highest"
