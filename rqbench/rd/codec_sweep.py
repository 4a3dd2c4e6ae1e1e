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
from ..errors import ConfigError
from ..evaluate.folder import EvaluationFolder, replace_earlier
from ..evaluate.pictures import Picture, batches
from ..files import appearing
from ..metrics.distances import distances_for
from ..metrics.perceptual import Perceptual, find_perceptual
from ..metrics.protocol import Protocol
from ..progress import Progress
from ..record import Record
from ..stages.recording import Recorder
from .codec_pictures import MeasuredPictures
from .codecs import MIN_SIDE, Codec, check_side, decode, installed_codecs
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
        ConfigError: a distortion that single pictures do not have.
        BadImageError: a file that cannot be used.
        UnsupportedError: a picture below 256 pixels, by name.
    """
    chosen, perceptual = codecs or installed_codecs(), find_perceptual()
    known = distances_for(MIN_SIDE, perceptual)
    if distortion not in known:
        raise ConfigError(
            f"--codecs measures single pictures, and {distortion} is no number of one. Name one of "
            f"{', '.join(known)}."
        )
    measure = known[distortion]
    clusters: list[str] = []
    values: dict[tuple[str, int], dict[str, list[float]]] = {}
    progress.start(pictures.count)
    for some in batches(pictures.read(), BATCH):
        for picture in some:
            check_side(picture.pixels, picture.name)
        clusters += [pictures.cluster_of[picture.name] for picture in some]
        for codec in chosen:
            for quality in codec.qualities:
                found = values.setdefault((codec.name, quality), {})
                restored, sizes = _through(some, codec, quality)
                sizes[distortion] = measure(_as_images(some), restored).double().tolist()
                for metric, of_some in sizes.items():
                    found.setdefault(metric, []).extend(of_some)
        progress.advance(by=len(some))
    return _recorded(pictures, chosen, clusters, values, perceptual)


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
    values: Mapping[tuple[str, int], Mapping[str, Sequence[float]]],
    perceptual: Perceptual,
) -> Swept:
    environment = describe_environment("cpu")
    about = replace(pictures.about, environment=environment_id(environment))
    records: list[Record] = []
    protocols: dict[str, Protocol] = {}
    for codec in codecs:
        recorder = Recorder(about, codec.name, None, protocols)
        clauses = {**pictures.protocol_of("psnr_db", perceptual).clauses, **_asked(codec)}
        files = Protocol(id=CODEC_FILES, clauses=clauses)
        for quality in codec.qualities:
            for metric, found in values[codec.name, quality].items():
                is_size = metric in ("rate_coded_bpp", "container_bytes")
                protocol = files if is_size else pictures.protocol_of(metric, perceptual)
                records.append(
                    recorder.mean(metric, found, protocol, clusters, {"quality": quality})
                )
    facts = {"codecs": [codec.name for codec in codecs], **pictures.facts}
    return Swept(records, protocols, environment, facts)


def _asked(codec: Codec) -> dict[str, str]:
    """What of a codec changes its files."""
    options = ", ".join(f"{key}={value}" for key, value in codec.options)
    return {
        "codec": codec.name, "chroma": codec.chroma, "options": options or "none",
        "bytes": "the whole file", "pillow": PIL.__version__,
    }  # fmt: skip
