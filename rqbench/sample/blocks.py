"""Drawing codes block by block; what one block gave is on disk before the next begins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..beside import Beside
from ..checkpoint import load_tensors
from ..codes import Codes, concatenate
from ..errors import DamagedFileError
from ..layout import CodeLayout
from ..progress import Progress
from ..seed import derive_seed
from ..stages.draw_samples import decode_bytes
from ..stages.encode_codes import pack, unpack
from .folder import SampleFolder, save_block
from .request import Request, condition_of, labels_of
from .share import EVERYTHING, Share
from .system import TrainedSystem

Judge = Callable[[Codes, Tensor], Tensor]
"""(codes, wanted class Int[n]) -> probability Float[n] of that class."""


@dataclass(frozen=True)
class Block:
    """Images `first` to `first + num - 1`, and where their codes lie."""

    first: int
    num: int
    path: Path


def blocks_of(folder: SampleFolder, count: int, batch: int) -> list[Block]:
    """They begin at multiples of the batch, so that an interrupted request, or another process,
    meets the same batches and gives the same bits."""
    starts = range(0, count, batch)
    nums = [min(batch, count - first) for first in starts]
    return [
        Block(first, num, folder.blocks / f"{first:08d}+{num}.safetensors")
        for first, num in zip(starts, nums, strict=True)
    ]


def draw_blocks(
    system: TrainedSystem,
    request: Request,
    wanted: Int[Tensor, "m c"] | None,
    count: int,
    folder: SampleFolder,
    device: str,
    progress: Progress,
    judge: Judge | None = None,
    share: Share = EVERYTHING,
) -> list[Path]:
    """Draw the codes of a share of `count` images; a block that is on disk already is not drawn
    again.

    Image i is drawn from (seed, i) and its condition alone. On CUDA, where nobody judges what to
    keep, a block is decoded while the next one is drawn.
    """
    blocks = blocks_of(folder, count, request.batch)
    own = [block for number, block in enumerate(blocks) if share.takes(number)]
    progress.start(sum(block.num for block in own))
    decoded = Beside(device) if device.startswith("cuda") and judge is None else None
    for block in own:
        if not _is_whole(block.path):
            images = torch.arange(block.first, block.first + block.num)
            condition = None if wanted is None else condition_of(images, wanted).to(device)
            codes = system.prior.sample(
                block.num, derive_seed(request.seed, "samples"), request.sampling, condition,
                block.first,
            )  # fmt: skip
            tensors = pack("samples", codes.to("cpu"))
            labels = labels_of(images, wanted)
            if judge is not None and labels is not None:
                tensors["probability"] = judge(codes, labels)
            if block is own[0]:
                folder.begin()
            save_block(block.path, tensors)
            if decoded is not None:
                work = partial(
                    decode_bytes, system.tokenizer, codes, request.batch, request.truncate
                )
                keep = partial(folder.save_images, block.first)
                decoded.add(work, codes.tensors(), keep)
        progress.advance(by=block.num)
    if decoded is not None:
        decoded.end()
    return [block.path for block in own]


def num_on_disk(folder: SampleFolder, count: int, batch: int) -> int:
    """Images whose codes are drawn, by whichever process."""
    return sum(block.num for block in blocks_of(folder, count, batch) if block.path.is_file())


def num_of_share(folder: SampleFolder, count: int, batch: int, share: Share) -> int:
    """Images that one share draws."""
    blocks = enumerate(blocks_of(folder, count, batch))
    return sum(block.num for number, block in blocks if share.takes(number))


def missing_by_share(folder: SampleFolder, count: int, batch: int, of: int) -> dict[Share, int]:
    """Images whose codes are not drawn yet, by the share of so many that draws them."""
    missing: dict[Share, int] = {}
    for number, block in enumerate(blocks_of(folder, count, batch)):
        if not block.path.is_file():
            share = Share(number % of + 1, of)
            missing[share] = missing.get(share, 0) + block.num
    return missing


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
