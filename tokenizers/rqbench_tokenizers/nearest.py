"""Which vector of a codebook is nearest: the one search that all quantizers use."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Float, Int
from torch import Tensor

SCORES_PER_BLOCK = 2**24
"""64 MiB of float32 scores at a time, however many vectors and codes there are."""


@torch.no_grad()
def nearest(
    vectors: Float[Tensor, "*shape e"], codebook: Float[Tensor, "k e"]
) -> Int[Tensor, "*shape"]:
    """The code whose vector is nearest to each vector; ties go to the lower code.

    The nearest has the largest x.e - |e|^2 / 2, which is the squared distance without its constant
    |x|^2, and so errs less than the distance does.

    Raises:
        TypeError: vectors or codebook in half precision, where near ties pick the wrong code.
    """
    if min(vectors.dtype.itemsize, codebook.dtype.itemsize) < 4:
        raise TypeError(
            f"Vectors are {vectors.dtype} and the codebook {codebook.dtype}, in which near ties "
            "pick the wrong code. Quantize in float32: pass latents.float()."
        )
    flat = vectors.reshape(-1, vectors.shape[-1])
    with full_precision(flat):
        offsets = codebook.square().sum(dim=-1) / 2  # k
        rows = max(1, SCORES_PER_BLOCK // len(codebook))
        blocks = [
            torch.addmm(-offsets, block, codebook.T).argmax(dim=-1)
            for block in torch.split(flat, rows)
        ]
    return torch.cat(blocks).view(vectors.shape[:-1])


@contextmanager
def full_precision(tensor: Tensor) -> Iterator[None]:
    """Leave autocast, and on CUDA the shortened float32 products that a caller may have allowed."""
    if tensor.is_meta:  # no values, only shapes to count with; torch has no autocast for it
        yield
        return
    with torch.autocast(tensor.device.type, enabled=False):
        if not tensor.is_cuda or torch.get_float32_matmul_precision() == "highest":
            yield
            return
        allowed = torch.get_float32_matmul_precision()
        torch.set_float32_matmul_precision("highest")
        try:
            yield
        finally:
            torch.set_float32_matmul_precision(allowed)
