"""Classical codecs on pictures that were measured, as records like those of a tokenizer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import PIL
import torch
from torch import Tensor

from ..data import to_float
from ..environment import describe_environment, environment_id
from ..evaluate.folder import EvaluationFolder, replace_earlier
from ..evaluate.pictures import Picture, batches
from ..files import appearing
from ..metrics.perceptual import find_perceptual
from ..metrics.protocol import Protocol
from ..progress import Progress
from ..record import Record
from ..stages.recording import Recorder
from .codec_measures import At, Measure, find_measure
from .codec_pictures import MeasuredPictures
from .codecs import Codec, check_side, decode, installed_codecs
from .curves import CODEC_FILES

BATCH = 8


@dataclass(frozen=True)
class Swept:
    """What classical codecs made of the pictures."""

    records: list[Record]
    protocols: Mapping[str, Protocol]
    environment: Mapping[str, Any]
    facts: Mapping[str, Any]


@torch.no_grad()
def sweep(
    pictures: MeasuredPictures,
    distortion: str,
    progress: Progress,
    codecs: Sequence[Codec] | None = None,
) -> Swept:
    """Write every picture by every codec at every quality, and measure what is read back.

    Args:
        distortion: the one to measure, since a network's takes far longer than the codecs do.
        codecs: by default all that are installed.

    Raises:
        ConfigError: see `find_measure`.
        BadImageError: a file that cannot be used.
        UnsupportedError: a picture below 256 pixels, by name.
    """
    chosen, measure = codecs or installed_codecs(), find_measure(distortion, pictures)
    clusters: list[str] = []
    sizes: dict[At, dict[str, list[float]]] = {}
    progress.start(pictures.count)
    for some in batches(pictures.read(), BATCH):
        for picture in some:
            check_side(picture.pixels, picture.name)
        clusters += [pictures.cluster_of[picture.name] for picture in some]
        measure.look(_as_images(some))
        for codec in chosen:
            for quality in codec.qualities:
                restored, found = _through(some, codec, quality)
                measure.take((codec.name, quality), restored)
                of_all = sizes.setdefault((codec.name, quality), {})
                for metric, values in found.items():
                    of_all.setdefault(metric, []).extend(values)
        progress.advance(by=len(some))
    return _recorded(pictures, chosen, clusters, sizes, measure)


def write_sweep(swept: Swept, out: Path) -> None:
    """A folder of records that `rqbench rd` and `rqbench report` read, in the place of an earlier
    one."""
    with appearing(out) as beside:
        folder = EvaluationFolder(beside, reconstructions=False)
        folder.write(swept.records, swept.protocols, swept.environment, swept.facts)
        folder.close()
        replace_earlier(out)


def _through(
    some: Sequence[Picture], codec: Codec, quality: int
) -> tuple[Tensor, dict[str, list[float]]]:
    """What is read back of pictures of one size and, by metric, the sizes of their files."""
    files = [codec.encode(picture.pixels, quality) for picture in some]
    height, width = some[0].pixels.shape[1:]
    restored = to_float(torch.from_numpy(np.stack([decode(file) for file in files])))
    container = float(codec.container_bytes((width, height), quality))
    rates = [8 * len(file) / (height * width) for file in files]
    return restored, {"rate_coded_bpp": rates, "container_bytes": [container] * len(files)}


def _as_images(some: Sequence[Picture]) -> Tensor:
    return to_float(torch.from_numpy(np.stack([picture.pixels for picture in some])))


def _recorded(
    pictures: MeasuredPictures,
    codecs: Sequence[Codec],
    clusters: Sequence[str],
    sizes: Mapping[At, Mapping[str, Sequence[float]]],
    measure: Measure,
) -> Swept:
    environment = describe_environment("cpu")
    about = replace(pictures.about, environment=environment_id(environment))
    records: list[Record] = []
    protocols: dict[str, Protocol] = {}
    clauses = pictures.protocol_of("psnr_db", find_perceptual()).clauses
    for codec in codecs:
        recorder = Recorder(about, codec.name, None, protocols)
        files = Protocol(id=CODEC_FILES, clauses={**clauses, **_asked(codec)})
        for quality in codec.qualities:
            at, settings = (codec.name, quality), {"quality": quality}
            for metric, values in sizes[at].items():
                records.append(recorder.mean(metric, values, files, clusters, settings))
            records += measure.records(recorder, at, clusters, settings)
    facts = {"codecs": [codec.name for codec in codecs], **pictures.facts}
    return Swept(records, protocols, environment, facts)


def _asked(codec: Codec) -> dict[str, str]:
    """What of a codec changes its files."""
    options = ", ".join(f"{key}={value}" for key, value in codec.options)
    return {
        "codec": codec.name, "chroma": codec.chroma, "options": options or "none",
        "bytes": "the whole file", "pillow": PIL.__version__,
    }  # fmt: skip
