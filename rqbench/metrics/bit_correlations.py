"""Whether the bits of a picture go where its detail is, and where its error is."""

from jaxtyping import Float, UInt8
from torch import Tensor

from .patches import patch_entropy_bits, patch_error, patch_sums
from .rank_correlation import rank_correlation

BIT_CORRELATIONS = ("bits_entropy_rank_correlation", "bits_error_rank_correlation")


def bit_correlations(
    bits: Float[Tensor, "b h w"],
    images: UInt8[Tensor, "b 3 H W"],
    reconstructions: UInt8[Tensor, "b 3 H W"],
    patch_px: int,
) -> dict[str, list[float]]:
    """By metric, Spearman's correlation over the patches of each image; NaN where it has none.

    Args:
        bits: of each cell; patches are made of whole cells.
    """
    rows, columns = images.shape[2] // patch_px, images.shape[3] // patch_px
    spent = patch_sums(bits, rows, columns).flatten(1)
    beside = patch_entropy_bits(images, patch_px), patch_error(images, reconstructions, patch_px)
    return {
        metric: rank_correlation(spent, values.flatten(1)).tolist()
        for metric, values in zip(BIT_CORRELATIONS, beside, strict=True)
    }
