"""Which vector of a codebook is nearest: the one search that all quantizers use."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

CODES_PER_GROUP = 32
"""About the root of a tile's codes: both steps in which its best code is found are then short."""


class Tile(NamedTuple):
    """How many codes meet how many vectors at a time; no more scores than that are ever held."""

    codes: int
    vectors: int


CPU_TILE = Tile(1024, 512)
"""2 MiB of float32 scores, which a core's cache keeps until their maximum is found."""

DEVICE_TILE = Tile(4096, 8192)
"""128 MiB of float32 scores: enough work for a GPU at each launch."""


@torch.no_grad()
def nearest(
    vectors: Float[Tensor, "*shape e"], codebook: Float[Tensor, "k e"]
) -> Int[Tensor, "*shape"]:
    """The code whose vector is nearest to each vector; ties go to the lower code.

    The nearest has the largest x.e - |e|^2 / 2, which is the squared distance without its constant
    |x|^2, and so errs less than the distance does. Scores are compared as they come out in the
    precision of the input: two vectors of the codebook whose squared distances from x differ by
    less than about e * eps * (|x| + |e|)^2 are one as near as the other, for this formula as for
    the published ones (|x|^2 + |e|^2 - 2 x.e), and only between such may two formulas, or two
    libraries of matrix products, choose differently.

    Raises:
        TypeError: vectors or codebook in half precision, where near ties pick the wrong code.
    """
    if min(vectors.dtype.itemsize, codebook.dtype.itemsize) < 4:
        raise TypeError(
            f"Vectors are {vectors.dtype} and the codebook {codebook.dtype}, in which near ties "
            "pick the wrong code. Quantize in float32: pass latents.float()."
        )
    flat = vectors.reshape(-1, vectors.shape[-1])
    tile = CPU_TILE if flat.device.type == "cpu" else DEVICE_TILE
    with full_precision(flat):
        codes = _search(flat, codebook, tile)
    return codes.view(vectors.shape[:-1])


def _search(
    vectors: Float[Tensor, "n e"], codebook: Float[Tensor, "k e"], tile: Tile
) -> Int[Tensor, " n"]:
    offsets = -codebook.square().sum(dim=-1, keepdim=True) / 2  # k 1
    parts = list(
        zip(torch.split(codebook, tile.codes), torch.split(offsets, tile.codes), strict=True)
    )
    num_rows = min(tile.codes, _whole_groups(len(codebook)))
    buffer = vectors.new_empty(num_rows, min(tile.vectors, len(vectors)))
    codes = torch.empty(len(vectors), dtype=torch.long, device=vectors.device)
    for start in range(0, len(vectors), tile.vectors):
        block = vectors[start : start + tile.vectors]
        found = [_best(block, *part, buffer[:, : len(block)]) for part in parts]
        scores, rows = (torch.stack(each) for each in zip(*found, strict=True))  # parts n
        winners = scores.max(dim=0).indices  # the first of equal ones: the lower code
        rows = rows.gather(0, winners[None])[0]
        codes[start : start + tile.vectors] = winners * tile.codes + rows
    return codes


def _best(
    vectors: Float[Tensor, "n e"],
    codebook: Float[Tensor, "k e"],
    offsets: Float[Tensor, "k 1"],
    buffer: Float[Tensor, "m n"],
) -> tuple[Float[Tensor, " n"], Int[Tensor, " n"]]:
    """The best score of each vector, and its code: the first of equal ones.

    A maximum over groups of codes alone is many times as fast as one that remembers where it was,
    so the place is looked for afterwards, in the best group.

    Args:
        buffer: overwritten with the scores; m is k or more, and divides into groups.
    """
    scores = buffer[: _whole_groups(len(codebook))]
    scores[len(codebook) :] = -torch.inf
    torch.addmm(offsets, codebook, vectors.T, out=scores[: len(codebook)])
    groups = scores.view(-1, CODES_PER_GROUP, len(vectors))
    best, group = groups.amax(dim=1).max(dim=0)  # n
    of_group = groups.gather(0, group.expand(1, CODES_PER_GROUP, -1))[0]  # group n
    return best, group * CODES_PER_GROUP + of_group.max(dim=0).indices


def _whole_groups(number: int) -> int:
    return -(-number // CODES_PER_GROUP) * CODES_PER_GROUP


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
