"""A file of codes to pictures."""

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
        pictures: UInt8[H W 3] each.
        codes: of all tiles of all pictures.
    """

    pictures: tuple[UInt8[np.ndarray, "H W 3"], ...]
    codes: Codes


def decompress(
    system: TrainedSystem, data: bytes, progress: Progress, restore_size: bool = False
) -> Decompressed:
    """Decode the codes of a file and draw its pictures.

    Args:
        progress: shows one stage.
        restore_size: stretch pictures that were squeezed to their true size.

    Raises:
        BitstreamError: one of its kinds.
    """
    file = unpack(data)
    check_model(system, file)
    codes = read_codes(system, file, progress)
    images = decode(system.tokenizer, codes.to(device_of(system)), file.block)
    pictures, first = [], 0
    for picture in file.pictures:
        own = images[first : first + len(picture.streams)]
        first += len(own)
        pictures.append(from_tiles(own, file.fit, picture.height, picture.width, restore_size))
    return Decompressed(tuple(pictures), codes)


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
            differs = f"another build of {here}, or with other libraries"
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
        DamagedPayloadError: they are not what was coded.
    """
    streams = [stream for picture in file.pictures for stream in picture.streams]
    progress.begin_stage("codes")
    progress.start(len(streams))
    codes = decode_codes(
        system.prior,
        streams,
        _conditions(file, device_of(system)),
        file.block,
        lambda tiles: progress.advance(by=tiles),
    )
    progress.end_stage(done=True)
    first = 0
    for number, picture in enumerate(file.pictures):
        own = codes[first : first + len(picture.streams)]
        first += len(own)
        if codes_checksum(own) != picture.checksum:
            raise DamagedPayloadError(
                f"Picture {number} gives other codes than those that were coded: its stream is "
                "damaged, or this machine computes otherwise than the one that coded it. Fetch "
                "the file again, or decode it where it was coded."
            )
    return codes


def _conditions(file: Bitstream, device: torch.device) -> Int[Tensor, "n c"] | None:
    rows = [picture.condition for picture in file.pictures for _ in picture.streams]
    return torch.tensor(rows, device=device) if rows and rows[0] else None
