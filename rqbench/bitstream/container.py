"""The file of codes, byte by byte; docs/bitstream.md is its description.

A header of fixed size, an entry for each picture, checksums of the streams and of all that, and the
streams. A file is checked from its front to its end before anything that it names is built or run.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import get_args

from ..codes import Codes
from ..data.images import MAX_PIXELS
from ..errors import ConfigError, UnsupportedError
from ..layout import CodeLayout
from .coder import max_stream_bytes
from .errors import (
    CutShortError,
    DamagedHeaderError,
    DamagedPayloadError,
    NewerVersionError,
    NotBitstreamError,
    TrailingBytesError,
)
from .numerics import Numerics
from .pictures import Fit, num_tiles

MAGIC, VERSION = b"RQB", 1
FITS: tuple[Fit, ...] = get_args(Fit)

# magic, version, fit | model | torch x3, device, capability, fingerprint, block |
# height, width, depth, codebook size, grain sizes x4 | side, condition length, pictures
HEADER = struct.Struct("<3sBB 8s 3BBB4sB HHBI4B HHI")
PICTURE = struct.Struct("<HHI")  # height, width, checksum of the codes
INTEGER = struct.Struct("<H")  # of a condition; the length of a stream
CHECKSUM = struct.Struct("<I")  # CRC-32: of the streams, then of everything before
MAX_GRAINS = 4


@dataclass(frozen=True)
class CodedPicture:
    """One picture's part of a file.

    Attributes:
        height, width: in pixels, before it was made to fit.
        checksum: of the codes of all its tiles.
        condition: of the prior; empty without one.
        streams: one for each tile.
    """

    height: int
    width: int
    checksum: int
    condition: tuple[int, ...]
    streams: tuple[bytes, ...]


@dataclass(frozen=True)
class Bitstream:
    """All that a file says.

    Attributes:
        model_id: 8 bytes that name the tokenizer and the prior.
        block: tiles that were coded together.
        side: of a tile in pixels.
    """

    fit: Fit
    model_id: bytes
    numerics: Numerics
    block: int
    layout: CodeLayout
    side: int
    pictures: tuple[CodedPicture, ...]


def codes_checksum(codes: Codes) -> int:
    """CRC-32 of grains and values, 4 bytes each, in the order of their axes."""
    parts = (part.cpu().numpy().astype("<i4").tobytes() for part in codes.tensors())
    return zlib.crc32(b"".join(parts))


def entry_bytes(picture: CodedPicture) -> int:
    """A picture's share of the header."""
    return PICTURE.size + INTEGER.size * (len(picture.condition) + len(picture.streams))


def header_bytes(num_conditions: int) -> int:
    """All but the stream, of a file that holds one picture of one tile."""
    picture = CodedPicture(0, 0, 0, (0,) * num_conditions, (b"",))
    return HEADER.size + entry_bytes(picture) + 2 * CHECKSUM.size


def pack(bitstream: Bitstream) -> bytes:
    """The file.

    Raises:
        UnsupportedError: something that has no room in the format.
    """
    layout, numerics, pictures = bitstream.layout, bitstream.numerics, bitstream.pictures
    grains = (*layout.grain_sizes, *[0] * (MAX_GRAINS - len(layout.grain_sizes)))
    length = len(pictures[0].condition) if pictures else 0
    fields = (
        MAGIC, VERSION, FITS.index(bitstream.fit), bitstream.model_id,
        *numerics.torch_version, numerics.device, numerics.capability, numerics.fingerprint,
        bitstream.block, layout.height, layout.width, layout.depth, layout.codebook_size, *grains,
        bitstream.side, length, len(pictures),
    )  # fmt: skip
    try:
        head = HEADER.pack(*fields) + b"".join(map(_entry, pictures))
    except struct.error as error:
        raise UnsupportedError(
            f"The format has no room for this ({error}): it holds pictures of up to 65535 px a "
            "side, streams of up to 65535 bytes a tile, conditions of integers up to 65535, blocks "
            f"and stacks of up to 255, and up to {MAX_GRAINS} grains."
        ) from None
    streams = b"".join(stream for picture in pictures for stream in picture.streams)
    head += CHECKSUM.pack(zlib.crc32(streams))
    return head + CHECKSUM.pack(zlib.crc32(head)) + streams


def unpack(data: bytes) -> Bitstream:
    """What a file says.

    Raises:
        BitstreamError: one of its kinds, for bytes that `pack` did not give.
    """
    _check_front(data)
    if len(data) < HEADER.size:
        raise _cut_short(data)
    _, _, fit, model_id, *rest = HEADER.unpack_from(data)
    numerics = Numerics((rest[0], rest[1], rest[2]), *rest[3:6])
    block, height, width, depth, codebook_size, *grains = rest[6:15]
    side, condition_length, num_pictures = rest[15:]
    if fit >= len(FITS) or side == 0 or block == 0:
        raise _damaged()
    reader = _Reader(data, HEADER.size)
    entries = []
    for _ in range(num_pictures):  # ends with the file at the latest
        high, wide, checksum = reader.take(PICTURE)
        if not 0 < high * wide <= MAX_PIXELS:
            raise _damaged()
        condition = reader.integers(condition_length)
        lengths = reader.integers(num_tiles(FITS[fit], high, wide, side))
        entries.append((high, wide, checksum, condition, lengths))
    (streams_checksum,) = reader.take(CHECKSUM)
    end = reader.at
    if reader.take(CHECKSUM) != (zlib.crc32(data[:end]),):
        raise _damaged()
    begin = reader.at
    try:
        sizes = tuple(filter(None, grains))
        layout = CodeLayout(height, width, depth, codebook_size, sizes)
    except ConfigError:
        raise _damaged() from None
    longest = max_stream_bytes(layout)
    pictures = []
    for high, wide, checksum, condition, lengths in entries:
        if max(lengths) > longest:
            raise _damaged()
        streams = tuple(reader.bytes(length) for length in lengths)
        pictures.append(CodedPicture(high, wide, checksum, condition, streams))
    if reader.at != len(data):
        raise TrailingBytesError(
            f"The file goes on behind its end, by {len(data) - reader.at} B. Something was "
            "appended to it; cut it off, or fetch the file again."
        )
    if zlib.crc32(data[begin:]) != streams_checksum:
        raise DamagedPayloadError(
            "The file's streams are not what was written: the file is damaged. Fetch or compress "
            "it again."
        )
    return Bitstream(FITS[fit], model_id, numerics, block, layout, side, tuple(pictures))


class _Reader:
    """A place in a file that never runs past its end."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at = data, at

    def bytes(self, length: int) -> bytes:
        if length > len(self.data) - self.at:
            raise _cut_short(self.data)
        self.at += length
        return self.data[self.at - length : self.at]

    def take(self, form: struct.Struct) -> tuple[int, ...]:
        return form.unpack(self.bytes(form.size))

    def integers(self, count: int) -> tuple[int, ...]:
        found = self.bytes(count * INTEGER.size)
        return struct.unpack(f"<{count}H", found)


def _entry(picture: CodedPicture) -> bytes:
    numbers = (*picture.condition, *map(len, picture.streams))
    head = PICTURE.pack(picture.height, picture.width, picture.checksum)
    return head + struct.pack(f"<{len(numbers)}H", *numbers)


def _check_front(data: bytes) -> None:
    if data[:3] != MAGIC or len(data) < 4:
        raise NotBitstreamError(
            "This is no file of codes: it does not begin with RQB. `rqbench compress` writes them."
        )
    if data[3] > VERSION:
        raise NewerVersionError(
            f"The file has format {data[3]}, and this rqbench reads up to {VERSION}. Install a "
            "newer rqbench."
        )
    if data[3] < 1:
        raise _damaged()


def _cut_short(data: bytes) -> CutShortError:
    return CutShortError(
        f"The file ends after {len(data)} bytes, before its header says: it was cut short, or the "
        "counts in its header are damaged. Fetch or compress it again."
    )


def _damaged() -> DamagedHeaderError:
    return DamagedHeaderError(
        "The file's header is not what was written: the file is damaged. Fetch or compress it "
        "again."
    )
