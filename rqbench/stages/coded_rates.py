"""The rate of codes as bytes that were really written and read back."""

from collections.abc import Sequence

from jaxtyping import Int
from torch import Tensor

from ..bitstream.coder import BLOCK, Advance
from ..bitstream.container import header_bytes
from ..bitstream.round_trip import coded_bytes
from ..codes import Codes
from ..prior import Prior
from .prior_rates import prior_rates

CODED_RATES = ("rate_coded_bpp", "coding_overhead_bytes", "header_bytes")


def coded_rates(
    model: Prior,
    codes: Codes,
    labels: Int[Tensor, " n"] | None,
    names: Sequence[str],
    pixels: int,
    advance: Advance = lambda images: None,
) -> dict[str, list[float]]:
    """By metric, one number for each image: the payload's bits a pixel, the bytes by which it is
    longer than the likelihood, and the header that a file of its own would have.

    Args:
        model: on the CPU: what is written must be read with the same last bits, and a GPU's
            libraries promise those only under settings that stand before their first use.
        names: of the images, for an error.
        pixels: of one image.
        advance: told of each image twice.

    Raises:
        RoundTripError: codes that did not come back.
        UnsupportedError: a prior by which codes cannot be coded.
    """
    condition = None if labels is None else labels[:, None]
    written = coded_bytes(model, codes, condition, names, advance)
    bits = prior_rates(model, codes, labels, pixels, BLOCK, "cpu").rates["nll_bits_per_image"]
    header = float(header_bytes(0 if condition is None else condition.shape[1]))
    found = (
        [8 * count / pixels for count in written],
        [count - nll / 8 for count, nll in zip(written, bits, strict=True)],
        [header] * len(written),
    )
    return dict(zip(CODED_RATES, found, strict=True))
