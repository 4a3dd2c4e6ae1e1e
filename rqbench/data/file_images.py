"""Crops of image files: one a file and epoch."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from PIL import Image
from torch import Tensor

from ..errors import DataError
from ..seed import generator
from .batch import Batch, HeldOut
from .collection import Collection, Examined, examine, hold_out
from .config import DataConfig
from .draws import draws, pick
from .image_data import ImageData
from .images import BadImageError, decode, planes
from .strips import fit_shorter_side

RULES = "files 1"
"""Counts up when the same settings come to cut other crops."""

KEEP_BYTES = 512 * 2**20
"""Memory that each process may fill with pictures it has shrunk before."""

Picture = UInt8[np.ndarray, "3 _ _"]


class FileImages(ImageData):
    """The images of a collection; the shorter side is resized to the resolution (Lanczos).

    In training each epoch visits every file once, in an order keyed by (seed, epoch), at a random
    place along the longer side and mirrored half the time. A held-out file gives its centre and is
    a cluster of its own.

    Raises:
        BadImageError: a file that cannot be used, unless the config says to skip such.
        DataError: one of the two sides of the split is empty.
    """

    def __init__(self, collection: Collection, config: DataConfig) -> None:
        self.collection, self.config = collection, config
        self.name, self.class_names = collection.name, collection.class_names
        examined = examine(collection, config.resolution, max(1, config.workers))
        self.skipped = _skip(collection, examined, config.skip_bad)
        good = [index for index, item in enumerate(examined) if not item.fault]
        digests = {index: examined[index].digest for index in good}
        if collection.is_held_out is None:
            self.split = "held-out-files"
            is_held_out = hold_out(list(digests.values()), config.held_out_share)
        else:
            self.split = "test-folder"
            is_held_out = collection.is_held_out[good]
        sides = list(zip(good, is_held_out, strict=True))
        self.training_files = [index for index, held_out in sides if not held_out]
        held_out_files = [index for index, held_out in sides if held_out]
        # In the order of their digests a part of them is a fair sample.
        self.held_out_files = sorted(held_out_files, key=digests.__getitem__)[: config.held_out]
        if not self.training_files or not self.held_out_files:
            raise DataError(
                f"{self.name} has {len(good)} usable images, of which {len(self.training_files)} "
                f"are for training and {len(held_out_files)} held out; both sides need some. "
                "Add images, or set data.held_out_share."
            )
        self.digest = self._digest(digests)
        self._kept: dict[int, Picture] = {}
        self._kept_bytes = 0

    def __getstate__(self) -> dict[str, Any]:
        """Worker processes start with an empty memory of their own."""
        return {**self.__dict__, "_kept": {}, "_kept_bytes": 0}

    def training_crops(self, seed: int, indices: Sequence[int]) -> Batch:
        side, count = self.config.resolution, len(self.training_files)
        images = np.empty((len(indices), 3, side, side), dtype=np.uint8)
        files = []
        for image, index, (mirror, place) in zip(
            images, indices, draws(seed, indices, 2), strict=True
        ):
            file = self.training_files[epoch_order(seed, index // count, count)[index % count]]
            crop = _square(self._shrunk(file), side, place)
            image[:] = crop[:, :, ::-1] if self.config.flip and mirror < 0.5 else crop
            files.append(file)
        return Batch(torch.from_numpy(images), self._labels(files))

    def held_out(self) -> HeldOut:
        side = self.config.resolution
        crops = [_square(self._shrunk(file), side, 0.5) for file in self.held_out_files]
        return HeldOut(
            torch.from_numpy(np.stack(crops)),
            tuple(self.collection.names[file] for file in self.held_out_files),
            self._labels(self.held_out_files),
        )

    def _labels(self, files: list[int]) -> Int64[Tensor, " b"] | None:
        labels = self.collection.labels
        return None if labels is None else torch.from_numpy(labels[files])

    def _shrunk(self, file: int) -> Picture:
        """One file's picture, its shorter side at the resolution."""
        if file in self._kept:
            return self._kept[file]
        picture = decode(self.collection.read(file), self.collection.names[file])
        size = fit_shorter_side(picture.size, self.config.resolution)
        shrunk = planes(picture.resize(size, Image.Resampling.LANCZOS))
        if self._kept_bytes + shrunk.nbytes <= KEEP_BYTES:
            self._kept[file] = shrunk
            self._kept_bytes += shrunk.nbytes
        return shrunk

    def _digest(self, digests: dict[int, str]) -> str:
        rules = RULES, self.config.resolution, self.config.flip, self.class_names
        digest = hashlib.sha256(repr(rules).encode())
        for files in (self.training_files, self.held_out_files):
            labels = self._labels(files)
            digest.update(repr(None if labels is None else labels.tolist()).encode())
            digest.update("\n".join(digests[file] for file in files).encode())
        return digest.hexdigest()


def _skip(collection: Collection, examined: list[Examined], skip_bad: bool) -> tuple[str, ...]:
    bad = [(name, item.fault) for name, item in zip(collection.names, examined, strict=True)]
    bad = [(name, fault) for name, fault in bad if fault]
    if bad and not skip_bad:
        name, fault = bad[0]
        others = f"; {len(bad) - 1} more cannot be used either" if len(bad) > 1 else ""
        raise BadImageError(name, fault + others)
    return tuple(f"{name}: {fault}" for name, fault in bad)


def _square(picture: Picture, side: int, place: float) -> UInt8[np.ndarray, "3 {side} {side}"]:
    """The square at a place in [0, 1) along the longer side."""
    top = pick(place, picture.shape[1] - side + 1)
    left = pick(place, picture.shape[2] - side + 1)
    return picture[:, top : top + side, left : left + side]


@lru_cache(maxsize=4)
def epoch_order(seed: int, epoch: int, count: int) -> Int64[np.ndarray, " count"]:
    """The order in which an epoch visits `count` files."""
    order: Int64[np.ndarray, " count"] = torch.randperm(
        count, generator=generator(seed, "epoch", epoch)
    ).numpy()
    return order
