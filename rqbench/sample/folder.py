"""The folder of samples: what was asked, then images, codes and a sheet."""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import torch
from jaxtyping import Int, UInt8
from PIL import Image
from torch import Tensor

from ..checkpoint import load_tensors, save_tensors
from ..codes import Codes
from ..errors import ConfigError, DamagedFileError
from ..files import MANIFEST, check_above, check_seal, is_sealed, seal, write_json, write_whole
from ..progress import Progress
from ..stages.draw_samples import decode
from ..stages.encode_codes import pack
from .grid import shown_places, write_grid
from .request import Request, condition_of, labels_of
from .system import TrainedSystem

FACTS, BLOCKS, SHEET = "samples.json", "blocks", "sheet.png"
DECODED = "decoded"
IMAGES, ARRAYS, CODES = "images", "samples.npz", "codes.safetensors"
PART = ".part"
FOUND, ANY = "found", ("batch",)
"""In the facts: what came out, and what need not agree for a request to go on."""


class SampleFolder:
    """One folder for one request, complete when it is sealed.

    Raises:
        ConfigError: the folder holds something else, or samples of another request.
    """

    def __init__(self, root: Path, facts: Mapping[str, Any]) -> None:
        check_above(root)
        self.root = root
        self.facts: dict[str, Any] = json.loads(json.dumps(facts))  # tuples as they come back
        self.blocks, self.decoded = root / BLOCKS, root / DECODED
        self._check()

    def _check(self) -> None:
        if self.root.is_file() or self._names():
            self._check_asked(self._written())

    def _names(self) -> list[str]:
        """What is there, without what other processes are just writing."""
        if not self.root.is_dir():
            return []
        return [path.name for path in self.root.iterdir() if path.suffix != PART]

    def _written(self) -> dict[str, Any]:
        """The facts on disk."""
        try:
            found: dict[str, Any] = json.loads((self.root / FACTS).read_text())
        except (OSError, ValueError):
            raise ConfigError(
                f"{self.root} is not empty and holds no samples of rqbench. Choose another --out."
            ) from None
        return found

    def _check_asked(self, written: dict[str, Any]) -> None:
        if self._names() == [FACTS]:
            return  # it was stopped before anything was drawn, and holds nothing to go on with
        other = [
            f"{key} {json.dumps(written.get(key))}, not {json.dumps(value)}"
            for key, value in self.facts.items()
            if key not in ANY and written.get(key) != value
        ]
        if other:
            raise ConfigError(
                f"{self.root} holds samples with {'; '.join(other)}. Ask for the same to go on, or "
                "choose another --out."
            )

    def check_batch(self) -> None:
        """Shares fit together only where all are cut into the same batches.

        Raises:
            ConfigError: what is on disk was drawn in others.
        """
        if not self.blocks.is_dir() or not any(self.blocks.iterdir()):
            return
        begun, asked = self._written()["batch"], self.facts["batch"]
        if begun != asked:
            raise ConfigError(
                f"{self.root} holds shares drawn in batches of {begun}, and this one would draw "
                f"batches of {asked}, which do not fit between them. Give all shares --batch "
                f"{begun}, or choose another --out."
            )

    def is_complete(self) -> bool:
        """Whether everything is there and whole; what is damaged is written again."""
        if not is_sealed(self.root):
            return False
        try:
            check_seal(self.root)
        except DamagedFileError:
            return False
        return True

    @property
    def found(self) -> dict[str, Any]:
        """What came out of a complete request."""
        return dict(self._written()[FOUND])

    def begin(self) -> None:
        """Say what is asked for, with the first block: what cannot be drawn leaves nothing.

        Raises:
            ConfigError: another process began another request meanwhile.
        """
        self._check()
        if self.is_complete():
            return  # another process was faster
        (self.root / MANIFEST).unlink(missing_ok=True)
        _put(self.root / FACTS, lambda own: write_json(own, self.facts))

    def save_images(self, first: int, images: UInt8[Tensor, "n 3 H W"]) -> None:
        """What was decoded while others were drawn, from this image on."""
        self.decoded.mkdir(exist_ok=True)
        save_block(self._images_path(first, len(images)), {"images": images})

    def read_images(self, first: int, num: int) -> UInt8[Tensor, "n 3 H W"] | None:
        """These images; None where they were not decoded together before."""
        try:
            return load_tensors(self._images_path(first, num))[0]["images"]
        except (OSError, DamagedFileError):
            return None

    def _images_path(self, first: int, num: int) -> Path:
        return self.decoded / f"{first:08d}+{num}.safetensors"

    def close(self, names: list[str], found: Mapping[str, Any]) -> None:
        """Declare it complete; blocks and what was decoded of them are needed no longer."""
        write_json(self.root / FACTS, {**self.facts, FOUND: dict(found)})
        seal(self.root, [*names, FACTS], {})
        shutil.rmtree(self.blocks)
        shutil.rmtree(self.decoded, ignore_errors=True)


def save_block(path: Path, tensors: dict[str, Tensor]) -> None:
    """What one block gave, whole or not at all."""
    _put(path, lambda own: save_tensors(own, tensors, {}))


def _put(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file that other processes may write at the same time, with the same content."""
    own = path.with_name(f".{uuid4().hex}{PART}")
    write(own)
    os.replace(own, path)


def write_samples(
    folder: SampleFolder,
    system: TrainedSystem,
    request: Request,
    wanted: Int[Tensor, "m c"] | None,
    codes: Codes,
    device: str,
    progress: Progress,
) -> list[str]:
    """Decode what is not decoded yet and write everything that was asked for; the names of the
    files."""
    progress.start(len(codes))
    labels = labels_of(torch.arange(len(codes)), wanted)
    titled = wanted is not None and len(codes) > len(wanted)  # else each row would be one image
    rows = shown_places(len(codes), len(wanted) if wanted is not None and titled else None)
    on_sheet = {place for row in rows for place in row}
    if len(on_sheet) < len(codes):
        progress.say(f"{SHEET} shows {len(on_sheet)} of {len(codes)}")
    shown: dict[int, UInt8[np.ndarray, "H W 3"]] = {}
    names, arrays = [], []
    for first in range(0, len(codes), request.batch):
        part = codes[first : first + request.batch]
        decoded = folder.read_images(first, len(part))
        if decoded is None:
            decoded = decode(system.tokenizer, part.to(device), request.batch, request.truncate)
        images = decoded.permute(0, 2, 3, 1).numpy()
        for index, image in enumerate(images, start=first):
            if index in on_sheet:
                shown[index] = image
            if request.format == "png":
                names.append(
                    _write_png(folder.root, index, image, _class_name(system, labels, index))
                )
        if request.format == "npz":
            arrays.append(images)
        progress.advance(by=len(images))
    if request.format == "npz":
        names.append(_write_arrays(folder.root, np.concatenate(arrays), labels))
    if request.codes:
        tensors = pack("samples", codes) | ({} if labels is None else {"samples/labels": labels})
        if wanted is not None and labels is None:
            tensors["samples/condition"] = condition_of(torch.arange(len(codes)), wanted)
        save_tensors(folder.root / CODES, tensors, {})
        names.append(CODES)
    titles = [_title(system, labels, row[0]) for row in rows] if titled else None
    pictures = [np.stack([shown[place] for place in row]) for row in rows]
    write_grid(folder.root / SHEET, pictures, titles)
    return [*names, SHEET]


def _class_name(system: TrainedSystem, labels: Tensor | None, index: int) -> str:
    return "" if labels is None else (system.class_names or ())[int(labels[index])]


def _title(system: TrainedSystem, labels: Tensor | None, index: int) -> str:
    """Above the row of the sheet that begins with an image."""
    return _class_name(system, labels, index) or f"condition {index}"


def _write_png(folder: Path, index: int, image: UInt8[np.ndarray, "H W 3"], below: str) -> str:
    """In the folder of its class; a class that names a path keeps to one folder."""
    name = "/".join(filter(None, (IMAGES, below.replace("/", "-"), f"{index:06d}.png")))
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(folder / name)
    return name


def _write_arrays(folder: Path, images: UInt8[np.ndarray, "n H W 3"], labels: Tensor | None) -> str:
    """As evaluation suites read them: arr_0 the images, arr_1 the labels."""
    arrays = [images] if labels is None else [images, labels.numpy()]

    def write(beside: Path) -> None:
        with beside.open("wb") as file:  # a name would be given the ending .npz
            np.savez(file, *arrays)

    write_whole(folder / ARRAYS, write)
    return ARRAYS
