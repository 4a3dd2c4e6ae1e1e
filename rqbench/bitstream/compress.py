"""Pictures to one file of codes."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float, Int
from PIL import Image
from torch import Tensor

from ..codes import Codes, concatenate
from ..data.images import BadImageError, decode, read_bytes
from ..errors import DataError
from ..progress import Progress
from ..sample.system import TrainedSystem
from ..stages.encode_codes import encode
from .coder import BLOCK, encode_codes
from .container import Bitstream, CodedPicture, codes_checksum, entry_bytes, pack
from .numerics import numerics_of
from .pictures import Fit, num_pixels, to_tiles
from .system import condition_of, device_of, model_id, rows_of, side_of


@dataclass(frozen=True)
class CompressedPicture:
    """What one picture costs.

    Attributes:
        pixels: that its codes stand for.
        header_bytes: its entry; what all pictures of a file share is not counted here.
        likelihood_bits: -log2 of the probability that the prior gives its codes.
    """

    name: str
    height: int
    width: int
    pixels: int
    payload_bytes: int
    header_bytes: int
    likelihood_bits: float

    @property
    def payload_bpp(self) -> float:
        return 8 * self.payload_bytes / self.pixels

    @property
    def overhead(self) -> float:
        """Payload past the likelihood, as a share of it."""
        return share_past(self.payload_bytes, self.likelihood_bits)


@dataclass(frozen=True)
class Compressed:
    """A file, and what its pictures cost."""

    data: bytes
    pictures: tuple[CompressedPicture, ...]

    @property
    def payload_bytes(self) -> int:
        return sum(picture.payload_bytes for picture in self.pictures)

    @property
    def header_bytes(self) -> int:
        return len(self.data) - self.payload_bytes

    @property
    def overhead(self) -> float:
        """As of one picture."""
        bits = sum(picture.likelihood_bits for picture in self.pictures)
        return share_past(self.payload_bytes, bits)


def share_past(payload_bytes: int, likelihood_bits: float) -> float:
    """How much longer a payload is than it must be; 0 where both are nothing."""
    more = 8 * payload_bytes - likelihood_bits
    return more / likelihood_bits if likelihood_bits else math.inf if more else 0.0


def compress(
    system: TrainedSystem,
    paths: Sequence[Path],
    progress: Progress,
    fit: Fit = "tile",
    class_name: str | None = None,
    block: int = BLOCK,
) -> Compressed:
    """Tokenize pictures and code their codes under the prior.

    Args:
        paths: of picture files, in the order in which the file shall hold them.
        progress: shows two stages.
        class_name: of all pictures, where the prior has classes.
        block: tiles coded together; each decoder must do the same, so it stands in the file.

    Raises:
        ConfigError, UnsupportedError: no class, or one where there are none.
        DataError: a file that is no picture.
    """
    condition, device = condition_of(system, class_name), device_of(system)
    sizes, parts = _tokenize(system, paths, progress, fit, block)
    codes = concatenate(parts)
    rows = rows_of(condition, len(codes), device)
    progress.begin_stage("streams")
    progress.start(len(codes))
    streams = encode_codes(
        system.prior, codes, rows, block, lambda tiles: progress.advance(by=tiles)
    )
    progress.end_stage(done=True)
    coded, first = [], 0
    for (height, width), part in zip(sizes, parts, strict=True):
        own = streams[first : first + len(part)]
        first += len(part)
        coded.append(CodedPicture(height, width, codes_checksum(part), condition, tuple(own)))
    file = Bitstream(
        fit,
        model_id(system),
        numerics_of(device, block),
        block,
        system.prior.layout,
        side_of(system),
        tuple(coded),
    )
    bits = likelihood_bits(system, codes, rows, block)
    return Compressed(pack(file), tuple(_costs(paths, file, bits)))


def _tokenize(
    system: TrainedSystem, paths: Sequence[Path], progress: Progress, fit: Fit, batch: int
) -> tuple[list[tuple[int, int]], list[Codes]]:
    """Height and width of each picture, and the codes of its tiles."""
    side, device = side_of(system), str(device_of(system))
    progress.begin_stage("codes")
    progress.start(len(paths))
    sizes, parts = [], []
    for path in paths:
        picture = _read(path)
        tiles = to_tiles(picture, fit, side, str(path))
        sizes.append((picture.height, picture.width))
        parts.append(encode(system.tokenizer.encode, tiles, batch, device))
        progress.advance()
    progress.end_stage(done=True)
    return sizes, parts


def _read(path: Path) -> Image.Image:
    try:
        return decode(read_bytes(path, str(path)), str(path))
    except BadImageError as bad:
        raise DataError(
            f"{bad.name} cannot be compressed: {bad.cause}. Mend it or leave it out."
        ) from None


def _costs(
    paths: Sequence[Path], file: Bitstream, bits: Float[Tensor, " n"]
) -> Iterator[CompressedPicture]:
    """Of each picture, by the likelihood of each tile."""
    first = 0
    for path, coded in zip(paths, file.pictures, strict=True):
        tiles = len(coded.streams)
        yield CompressedPicture(
            str(path),
            coded.height,
            coded.width,
            num_pixels(file.fit, coded.height, coded.width, file.side),
            sum(map(len, coded.streams)),
            entry_bytes(coded),
            float(bits[first : first + tiles].sum()),
        )
        first += tiles


@torch.no_grad()
def likelihood_bits(
    system: TrainedSystem, codes: Codes, condition: Int[Tensor, "n c"] | None, batch: int
) -> Float[Tensor, " n"]:
    """What the codes of each tile cost under the prior, on the CPU."""
    nats = [
        system.prior.log_prob(
            codes[first : first + batch].to(device_of(system)),
            None if condition is None else condition[first : first + batch],
        )
        for first in range(0, len(codes), batch)
    ]
    return -torch.cat(nats).double().cpu() / torch.log(torch.tensor(2.0, dtype=torch.float64))
