"""What codes really take: they are coded, read back and compared before a byte is counted."""

from collections.abc import Sequence

import torch
from jaxtyping import Int
from torch import Tensor

from ..codes import Codes
from ..prior import Prior
from .coder import BLOCK, Advance, decode_codes, encode_codes
from .errors import DamagedPayloadError, RoundTripError


def coded_bytes(
    prior: Prior,
    codes: Codes,
    condition: Int[Tensor, "b c"] | None,
    names: Sequence[str],
    advance: Advance = lambda images: None,
) -> list[int]:
    """Bytes of each image's stream, from which its codes have come back.

    Args:
        names: of the images, for the error.
        advance: told of each image twice: when it is coded, and when it is read.

    Raises:
        RoundTripError: other codes came back.
        UnsupportedError: a prior by which codes cannot be coded; see `encode_codes`.
    """
    streams = encode_codes(prior, codes, condition, BLOCK, advance)
    try:
        back = decode_codes(prior, streams, condition, BLOCK, advance)
    except DamagedPayloadError:
        raise _lost(f"One of the images {', '.join(names)}") from None
    pairs = list(zip(back.tensors(), codes.to("cpu").tensors(), strict=True))
    for image, name in enumerate(names):
        if not all(torch.equal(read[image], written[image]) for read, written in pairs):
            raise _lost(name)
    return [len(stream) for stream in streams]


def _lost(name: str) -> RoundTripError:
    return RoundTripError(
        f"{name} did not come back from its stream of bytes with the codes that were written: "
        "the prior gave other probabilities when it read. This is an error of the prior or of "
        "rqbench, so please report it; without a coded rate the rest can be measured."
    )
