"""What can be wrong with a file of codes; each cause has its class."""

from ..errors import RqbenchError


class BitstreamError(RqbenchError):
    """A file of codes that cannot be read here."""


class NotBitstreamError(BitstreamError):
    """Something else than a file of codes."""


class NewerVersionError(BitstreamError):
    """A format that this rqbench does not know."""


class OtherModelError(BitstreamError):
    """Codes of another tokenizer or under another prior."""


class OtherNumericsError(BitstreamError):
    """Coded where floating-point arithmetic gives, or may give, other last bits."""


class CutShortError(BitstreamError):
    """A file whose end is missing."""


class TrailingBytesError(BitstreamError):
    """A file that goes on behind its end."""


class DamagedHeaderError(BitstreamError):
    """A header that is not what was written."""


class RoundTripError(BitstreamError):
    """Codes that were read back right after they were written, and are others."""


class DamagedPayloadError(BitstreamError):
    """Streams that are not what was written."""
