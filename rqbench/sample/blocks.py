"""Drawing codes block by block; what one block gave is on disk before the next begins."""

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..checkpoint import load_tensors, save_tensors
from ..codes import Codes, concatenate
from ..errors import DamagedFileError
from ..layout import CodeLayout
from ..progress import Progress
from ..seed import derive_seed
from ..stages.encode_codes import pack, unpack
from .folder import SampleFolder
from .request import Request, condition_of, labels_of
from .system import TrainedSystem

Judge = Callable[[Codes, Tensor], Tensor]
"""(codes, wanted class Int[n]) -> probability Float[n] of that class."""


def draw_blocks(
    system: TrainedSystem,
    request: Request,
    wanted: Int[Tensor, "m c"] | None,
    count: int,
    folder: SampleFolder,
    device: str,
    progress: Progress,
    judge: Judge | None = None,
) -> list[Path]:
    """Draw `count` images' codes; a block that is on disk already is not drawn again.

    Image i is drawn from (seed, i) and its condition alone. Blocks begin at multiples of the batch,
    so that an interrupted request meets the same batches and gives the same bits.
    """
    progress.start(count)
    paths: list[Path] = []
    for first in range(0, count, request.batch):
        images = torch.arange(first, min(first + request.batch, count))
        path = folder.blocks / f"{first:08d}+{len(images)}.safetensors"
        if not _is_whole(path):
            condition = None if wanted is None else condition_of(images, wanted).to(device)
            codes = system.prior.sample(
                len(images), derive_seed(request.seed, "samples"), request.sampling, condition,
                first,
            )  # fmt: skip
            tensors = pack("samples", codes.to("cpu"))
            labels = labels_of(images, wanted)
            if judge is not None and labels is not None:
                tensors["probability"] = judge(codes, labels)
            if not paths:
                folder.begin()
            save_tensors(path, tensors, {})
        paths.append(path)
        progress.advance(by=len(images))
    return paths


def probabilities(paths: Sequence[Path]) -> Float[Tensor, " m"]:
    """What the judge said of all candidates."""
    return torch.cat([load_tensors(path)[0]["probability"] for path in paths])


def gather(
    paths: Sequence[Path], layout: CodeLayout, kept: Int[Tensor, " n"] | None = None
) -> Codes:
    """The codes of the images at `kept`, in that order; of all where it is None."""
    parts, places, first = [], [], 0
    for path in paths:
        codes = unpack(load_tensors(path)[0], "samples", layout)
        inside = torch.arange(first, first + len(codes))
        if kept is not None:
            inside = kept[(kept >= first) & (kept < first + len(codes))]
        if len(inside):
            parts.append(codes[inside - first])
            places.append(inside)
        first += len(codes)
    together = concatenate(parts)
    if kept is None:
        return together
    where = torch.cat(places)
    return together[where.argsort()[kept.argsort().argsort()]]


def _is_whole(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        load_tensors(path)
    except DamagedFileError:
        return False
    return True
