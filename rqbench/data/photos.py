"""The embedded photographs, cut at several scales."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, UInt8
from PIL import Image

from ..errors import DataError
from ..seed import generator
from .batch import Batch, HeldOut
from .config import DataConfig
from .draws import draws, pick
from .image_data import ImageData
from .images import decode, planes, read_bytes
from .photo_files import PHOTO_FILES, PhotoFile, locate
from .spread import FLAT, choose_places, contrast, open_places, share_out
from .strips import Box, level_sizes, split_photo

Level = UInt8[np.ndarray, "3 _ _"]
Grid = Bool[np.ndarray, "_ _"]

RULES = "photos 1"
"""Counts up when the same settings come to cut other crops."""

TRIES = 4
"""A flat training crop is drawn anew, until the last try, which stands."""


@dataclass(frozen=True)
class Photo:
    """One photograph, decoded once: its two parts, each at every scale that fits."""

    name: str
    training: tuple[Level, ...]
    held_out: tuple[Level, ...]


class Photos(ImageData):
    """Crops of the photographs inside scikit-image and scikit-learn; no labels.

    Held-out crops come from a strip of each photograph (split "in-scene"): never the same pixels as
    in training, but the same scenes. Each part is cut out before it is resized, so that no filter
    mixes them. Training draws a photograph, a scale and a place, all uniformly. Crops that are
    flat (see FLAT) are drawn anew in training and left out when held-out.

    Raises:
        DataError: half of the photographs are missing, or the strips have no room for so many
            held-out crops.
    """

    name = "photos"
    split = "in-scene"

    def __init__(self, config: DataConfig) -> None:
        self.config = config
        paths, self.skipped = locate(PHOTO_FILES)
        self.photos = tuple(_load(file, path, config) for file, path in paths.items())
        self._held_out = self._cut_held_out()
        self.digest = self._digest()

    def training_crops(self, seed: int, indices: Sequence[int]) -> Batch:
        side = self.config.resolution
        images = np.empty((len(indices), 3, side, side), dtype=np.uint8)
        for image, (mirror, *places) in zip(
            images, draws(seed, indices, 1 + 4 * TRIES), strict=True
        ):
            for nth in range(TRIES):
                crop = self._crop(*places[4 * nth : 4 * nth + 4])
                if contrast(crop, side) >= FLAT:
                    break
            image[:] = crop[:, :, ::-1] if self.config.flip and mirror < 0.5 else crop
        return Batch(torch.from_numpy(images), None)

    def held_out(self) -> HeldOut:
        return self._held_out

    def _cut_held_out(self) -> HeldOut:
        side, wanted = self.config.resolution, self.config.held_out
        grids = [[open_places(level, side) for level in photo.held_out] for photo in self.photos]
        shares = share_out(wanted, [sum(_rooms(levels)) for levels in grids])
        if sum(shares) < wanted:
            raise DataError(
                f"The held-out strips of the photographs have room for {sum(shares)} crops of "
                f"{side} x {side} pixels, not for {wanted}. Set data.held_out to {sum(shares)} or "
                "less."
            )
        crops = [
            [(photo.name, crop) for crop in _spread_crops(photo, levels, share, side)]
            for photo, levels, share in zip(self.photos, grids, shares, strict=True)
        ]
        # One of each photograph in turn, so that the first few show them all.
        turns = [crop for turn in zip_longest(*crops) for crop in turn if crop is not None]
        images = torch.from_numpy(np.stack([crop for _, crop in turns]))
        return HeldOut(images, tuple(name for name, _ in turns), None)

    def _crop(self, photo: float, scale: float, top: float, left: float) -> Level:
        """The training crop that four uniform draws name."""
        levels = self.photos[pick(photo, len(self.photos))].training
        level = levels[pick(scale, len(levels))]
        side = self.config.resolution
        row = pick(top, level.shape[1] - side + 1)
        column = pick(left, level.shape[2] - side + 1)
        return level[:, row : row + side, column : column + side]

    def _digest(self) -> str:
        rules = RULES, self.config.resolution, self.config.held_out, self.config.flip
        digest = hashlib.sha256(repr(rules).encode())
        for photo in self.photos:
            for level in (*photo.training, *photo.held_out):
                digest.update(f"{photo.name} {level.shape}".encode())
                digest.update(level.tobytes())
        return digest.hexdigest()


def _rooms(grids: list[Grid]) -> list[int]:
    return [int(grid.sum()) for grid in grids]


def _spread_crops(photo: Photo, grids: list[Grid], count: int, side: int) -> list[Level]:
    """Held-out crops of one photograph over its scales, in a fixed random order."""
    counts = share_out(count, _rooms(grids))
    crops = [
        level[:, top : top + side, left : left + side]
        for level, grid, share in zip(photo.held_out, grids, counts, strict=True)
        for top, left in choose_places(grid, share, side)
    ]
    order = torch.randperm(count, generator=generator("held-out", photo.name))
    return [crops[nth] for nth in order.tolist()]


def _load(file: PhotoFile, path: Path, config: DataConfig) -> Photo:
    picture = decode(read_bytes(path, file.name), file.name)
    training, held_out = split_photo(*picture.size, file.held_out_side, config.resolution)
    return Photo(file.name, _levels(picture, training, config), _levels(picture, held_out, config))


def _levels(picture: Image.Image, box: Box, config: DataConfig) -> tuple[Level, ...]:
    part = picture.crop(box.edges)
    sizes = level_sizes(box.size, config.scales, config.resolution)
    return tuple(planes(part.resize(size, Image.Resampling.LANCZOS)) for size in sizes)
