"""Codes as files: `rqbench compress` and `rqbench decompress`, for Python users too."""

from .coder import decode_codes, encode_codes
from .compress import Compressed, CompressedPicture, compress
from .container import Bitstream, CodedPicture, unpack
from .decompress import Decompressed, decompress
from .errors import (
    BitstreamError,
    CutShortError,
    DamagedHeaderError,
    DamagedPayloadError,
    NewerVersionError,
    NotBitstreamError,
    OtherModelError,
    OtherNumericsError,
    RoundTripError,
    TrailingBytesError,
)
from .round_trip import coded_bytes

__all__ = [
    "Bitstream",
    "BitstreamError",
    "CodedPicture",
    "Compressed",
    "CompressedPicture",
    "CutShortError",
    "DamagedHeaderError",
    "DamagedPayloadError",
    "Decompressed",
    "NewerVersionError",
    "NotBitstreamError",
    "OtherModelError",
    "OtherNumericsError",
    "RoundTripError",
    "TrailingBytesError",
    "coded_bytes",
    "compress",
    "decode_codes",
    "decompress",
    "encode_codes",
    "unpack",
]
