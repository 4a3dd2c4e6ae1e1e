"""A file of codes to pictures."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Int, UInt8
from torch import Tensor

from ..codes import Codes
from ..progress import Progress
from ..sample.system import TrainedSystem
from ..stages.draw_samples import decode
from .coder import decode_codes
from .container import Bitstream, codes_checksum, unpack
from .errors import DamagedHeaderError, DamagedPayloadError, OtherModelError, OtherNumericsError
from .numerics import numerics_of
from .pictures import from_tiles
from .system import device_of, model_id, side_of


@dataclass(frozen=True)
class Decompressed:
    """What came out of a file.

    Attributes:
        codes: of all tiles of all pictures.
        pictures: UInt8[H W 3] each; each is drawn when it is asked for, once.
    """

    codes: Codes
    pictures: Iterator[UInt8[np.ndarray, "H W 3"]]


def decompress(
    system: TrainedSystem, data: bytes, progress: Progress, restore_size: bool = False
) -> Decompressed:
    """Decode the codes of a file, which draws its pictures.

    Args:
        progress: shows one stage.
        restore_size: stretch pictures that were squeezed to their true size.

    Raises:
        BitstreamError: one of its kinds.
    """
    file = unpack(data)
    check_model(system, file)
    codes = read_codes(system, file, progress)
    return Decompressed(codes, _draw(system, file, codes, restore_size))


def _draw(
    system: TrainedSystem, file: Bitstream, codes: Codes, restore_size: bool
) -> Iterator[UInt8[np.ndarray, "H W 3"]]:
    """One after the other: a small file can hold more pictures than memory does."""
    first = 0
    for picture in file.pictures:
        own = codes[first : first + len(picture.streams)]
        first += len(own)
        tiles = decode(system.tokenizer, own.to(device_of(system)), file.block)
        yield from_tiles(tiles, file.fit, picture.height, picture.width, restore_size)


def check_model(system: TrainedSystem, file: Bitstream) -> None:
    """Refuse a file before anything is run on it.

    Raises:
        OtherModelError, OtherNumericsError, DamagedHeaderError
    """
    own = model_id(system)
    if file.model_id != own:
        raise OtherModelError(
            f"The file was written with the model {file.model_id.hex()}, and {system.name!r} is "
            f"{own.hex()}. Codes need the very tokenizer and prior that coded them; name the "
            "other one as --model."
        )
    here = numerics_of(device_of(system), file.block)
    if file.numerics != here:
        differs = f"{file.numerics}, and here is {here}"
        if str(file.numerics) == str(here):
            differs = (
                f"{here} as here, but there it computes otherwise: another build or make of "
                "processor, other libraries, environment variables or switches of torch"
            )
        raise OtherNumericsError(
            f"The file was coded by {differs}. Last bits of probabilities may differ, and then "
            "every later code would be wrong. Decode it where it was coded, or with that version "
            "and --device."
        )
    prior, condition = system.prior, system.prior.condition
    length = 0 if condition is None else condition.length
    most = 0 if condition is None else condition.num_symbols - 1
    fits = file.layout == prior.layout and file.side == side_of(system)
    told = [picture.condition for picture in file.pictures]
    if not fits or any(len(row) != length or max(row, default=0) > most for row in told):
        raise DamagedHeaderError(
            f"The file's layout or its conditions are not those of {system.name!r}, whose id it "
            "bears: its header was made by something else than rqbench. Compress the picture again."
        )


def read_codes(system: TrainedSystem, file: Bitstream, progress: Progress) -> Codes:
    """The codes of all tiles, compared with their checksums.

    Raises:
        OtherNumericsError: they are not what was coded, though the streams are.
    """
    streams = [stream for picture in file.pictures for stream in picture.streams]
    progress.begin_stage("codes")
    progress.start(len(streams))
    try:
        codes = decode_codes(
            system.prior,
            streams,
            _conditions(file, device_of(system)),
            file.block,
            lambda tiles: progress.advance(by=tiles),
        )
    except DamagedPayloadError:
        raise _computes_otherwise("a stream that fits no code") from None
    progress.end_stage(done=True)
    first = 0
    for number, picture in enumerate(file.pictures):
        own = codes[first : first + len(picture.streams)]
        first += len(own)
        if codes_checksum(own) != picture.checksum:
            raise _computes_otherwise(f"other codes for picture {number}")
    return codes


def _computes_otherwise(found: str) -> OtherNumericsError:
    return OtherNumericsError(
        f"The file is whole and gives {found}: this machine computes otherwise than the one that "
        "coded it, or something else than rqbench made the file. Decode it where it was coded."
    )


def _conditions(file: Bitstream, device: torch.device) -> Int[Tensor, "n c"] | None:
    rows = [picture.condition for picture in file.pictures for _ in picture.streams]
    return torch.tensor(rows, device=device) if rows and rows[0] else None
