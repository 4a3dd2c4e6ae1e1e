"""Every distance between images and reconstructions that their size allows."""

from collections.abc import Callable

from torch import Tensor

from .distortion import MS_SSIM_MIN_SIDE, SSIM_MIN_SIDE, ms_ssim, psnr_db, ssim
from .perceptual import Perceptual

Distance = Callable[[Tensor, Tensor], Tensor]
"""(images, reconstructions) in [0, 1], `b 3 H W`, to one number a pair."""


def distances_for(side: int, perceptual: Perceptual) -> dict[str, Distance]:
    """By metric, for images whose shorter side has so many pixels."""
    distances: dict[str, tuple[int, Distance]] = {
        "psnr_db": (1, psnr_db),
        "ssim": (SSIM_MIN_SIDE, ssim),
        "ms_ssim": (MS_SSIM_MIN_SIDE, ms_ssim),
        perceptual.metric: (perceptual.min_side, perceptual.distance),
    }
    return {metric: score for metric, (least, score) in distances.items() if side >= least}
