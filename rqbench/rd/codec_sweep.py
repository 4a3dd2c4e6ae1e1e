"""Classical codecs on the pictures of an evaluation, as records like those of a tokenizer."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import PIL
import torch
from jaxtyping import UInt8
from torch import Tensor

from ..config import parse_config
from ..data import to_float
from ..environment import describe_environment, environment_id
from ..errors import ConfigError, DamagedFileError, DataError
from ..evaluate.crop import Crop
from ..evaluate.evaluate import EXPERIMENT
from ..evaluate.folder import FACTS, TABLE, EvaluationFolder, replace_earlier
from ..evaluate.pictures import Picture, Pictures, batches
from ..evaluate.recording import Protocols
from ..files import appearing, sha256_of
from ..metrics.distances import distances_for
from ..metrics.perceptual import Perceptual, find_perceptual
from ..metrics.protocol import Protocol
from ..progress import Progress
from ..record import Record
from ..stages.recording import Provenance, Recorder
from .codecs import Codec, check_side, decode, installed_codecs
from .curves import CODEC_FILES

BATCH = 8


@dataclass(frozen=True)
class Evaluated:
    """The pictures of an evaluation, to be read again.

    Attributes:
        pictures: whose contents are those that the evaluation read.
        crop: with its resolution.
    """

    pictures: Pictures
    crop: Crop


@dataclass(frozen=True)
class Swept:
    """What classical codecs made of the pictures."""

    records: list[Record]
    protocols: Mapping[str, Protocol]
    environment: Mapping[str, Any]
    facts: Mapping[str, Any]


def pictures_of(evaluation: Path, images: Path) -> Evaluated:
    """The pictures that an evaluation measured, in its crop.

    Args:
        evaluation: its folder.
        images: where its image files are.

    Raises:
        ConfigError: no folder of an evaluation.
        DamagedFileError: one that lacks what it should tell.
        DataError: other pictures than those.
    """
    if not (evaluation / FACTS).is_file():
        raise ConfigError(
            f"{evaluation} is no evaluation. Classical codecs are measured on the pictures of one: "
            "run `rqbench evaluate MODEL IMAGES` and name the folder it writes."
        )
    try:
        facts = json.loads((evaluation / FACTS).read_text())
        with (evaluation / TABLE).open(newline="") as file:
            names = [line["image"] for line in csv.DictReader(file)]
        crop = parse_config(Crop, facts["crop"], "crop")
        data, sha256 = facts["data"], facts["data_sha256"]
    except (OSError, ValueError, KeyError) as error:
        raise DamagedFileError(
            f"The evaluation {evaluation} lacks what says which pictures it measured ({error}). "
            "Run `rqbench evaluate` again."
        ) from None
    root = images.parent if images.is_file() else images
    present = [root / name for name in names if (root / name).is_file()]
    if Pictures(root, data, names, digests=[sha256_of(each) for each in present]).digest != sha256:
        raise DataError(
            f"The pictures below {root} are not those that were evaluated: their contents differ. "
            "Name the folder that `rqbench evaluate` read with --images."
        )
    return Evaluated(Pictures(root, data, names), crop)


def sweep(evaluated: Evaluated, progress: Progress, codecs: Sequence[Codec] | None = None) -> Swept:
    """Write every picture by every codec at every quality, and measure what is read back.

    Args:
        codecs: by default all that are installed.

    Raises:
        BadImageError: a file that cannot be used.
        UnsupportedError: a picture below 256 pixels, by name.
    """
    chosen, pictures = codecs or installed_codecs(), evaluated.pictures
    perceptual = find_perceptual()
    names: list[str] = []
    values: dict[tuple[str, int], dict[str, list[float]]] = {}
    progress.start(len(pictures.names))
    read = pictures.read(evaluated.crop, _check, False, 1, 2 * BATCH)
    for some in batches(read, BATCH):
        names += [picture.name for picture in some]
        for codec in chosen:
            for quality in codec.qualities:
                found = values.setdefault((codec.name, quality), {})
                for metric, of_some in _measure(some, codec, quality, perceptual).items():
                    found.setdefault(metric, []).extend(of_some)
        progress.advance(by=len(some))
    return _recorded(evaluated, chosen, names, values, perceptual)


def write_sweep(swept: Swept, out: Path) -> None:
    """A folder of records that `rqbench rd` and `rqbench report` read, in the place of an earlier
    one."""
    with appearing(out) as beside:
        folder = EvaluationFolder(beside, reconstructions=False)
        folder.write(swept.records, swept.protocols, swept.environment, swept.facts)
        folder.close()
        replace_earlier(out)


def _check(picture: Picture) -> None:
    check_side(picture.pixels, picture.name)


@torch.no_grad()
def _measure(
    some: Sequence[Picture], codec: Codec, quality: int, perceptual: Perceptual
) -> dict[str, list[float]]:
    """Pictures of one size through one codec: by metric, one value for each."""
    files = [codec.encode(picture.pixels, quality) for picture in some]
    height, width = some[0].pixels.shape[1:]
    container = codec.container_bytes((width, height), quality)
    images = _as_images([picture.pixels for picture in some])
    restored = _as_images([decode(file) for file in files])
    found = {
        "rate_coded_bpp": [8 * len(file) / (height * width) for file in files],
        "container_bytes": [float(container)] * len(files),
    }
    for metric, distance in distances_for(min(height, width), perceptual).items():
        found[metric] = distance(images, restored).double().tolist()
    return found


def _as_images(pixels: Sequence[UInt8[np.ndarray, "3 H W"]]) -> Tensor:
    return to_float(torch.from_numpy(np.stack(pixels)))


def _recorded(
    evaluated: Evaluated,
    codecs: Sequence[Codec],
    names: Sequence[str],
    values: Mapping[tuple[str, int], Mapping[str, Sequence[float]]],
    perceptual: Perceptual,
) -> Swept:
    pictures, environment = evaluated.pictures, describe_environment("cpu")
    about = Provenance(EXPERIMENT, pictures.name, "all", 0, environment_id(environment))
    # the clauses of `rqbench evaluate`, so that like is compared with like
    clauses = {
        "data": pictures.digest[:12], "images": len(names), **evaluated.crop.clauses()
    }  # fmt: skip
    measured_by, records = Protocols(clauses, perceptual), []
    protocols: dict[str, Protocol] = {}
    for codec in codecs:
        recorder = Recorder(about, codec.name, None, protocols)
        files = Protocol(id=CODEC_FILES, clauses={**clauses, **_asked(codec)})
        for quality in codec.qualities:
            for metric, found in values[codec.name, quality].items():
                is_size = metric in ("rate_coded_bpp", "container_bytes")
                protocol = files if is_size else measured_by.of(metric)
                records.append(recorder.mean(metric, found, protocol, names, {"quality": quality}))
    facts = {
        "codecs": [codec.name for codec in codecs], "data": pictures.name,
        "data_sha256": pictures.digest, "crop": evaluated.crop.model_dump(mode="json"),
    }  # fmt: skip
    return Swept(records, protocols, environment, facts)


def _asked(codec: Codec) -> dict[str, str]:
    """What of a codec changes its files."""
    options = ", ".join(f"{key}={value}" for key, value in codec.options)
    return {
        "codec": codec.name, "chroma": codec.chroma, "options": options or "none",
        "bytes": "the whole file", "pillow": PIL.__version__,
    }  # fmt: skip
