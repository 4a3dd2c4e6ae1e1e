"""Distortion of each image: PSNR, SSIM and MS-SSIM."""

import torch
from jaxtyping import Float
from pytorch_msssim import ms_ssim as _ms_ssim
from pytorch_msssim import ssim as _ssim
from torch import Tensor

from rqbench.errors import UnsupportedError

SSIM_MIN_SIDE = 11  # the Gaussian window
MS_SSIM_MIN_SIDE = 176  # the window still fits after four halvings


def psnr_db(
    images: Float[Tensor, "b c H W"], reconstructions: Float[Tensor, "b c H W"]
) -> Float[Tensor, " b"]:
    """PSNR of each image in decibels; both inputs in [0, 1]. Identical images give inf."""
    error = (images.double() - reconstructions.double()).square().mean(dim=(1, 2, 3))
    return -10 * torch.log10(error)


def ssim(
    images: Float[Tensor, "b c H W"], reconstructions: Float[Tensor, "b c H W"]
) -> Float[Tensor, " b"]:
    """Structural similarity of each image, at most 1; both inputs in [0, 1].

    Gaussian window of 11 pixels and deviation 1.5, only where it fits whole; mean over channels.

    Raises:
        UnsupportedError: a side below 11 pixels.

    Source: Wang et al. 2004, IEEE Transactions on Image Processing 13(4), through pytorch-msssim.
    """
    _need(images, SSIM_MIN_SIDE, "SSIM")
    values: Tensor = _ssim(
        images.double(), reconstructions.double(), data_range=1.0, size_average=False
    )
    return values


def ms_ssim(
    images: Float[Tensor, "b c H W"], reconstructions: Float[Tensor, "b c H W"]
) -> Float[Tensor, " b"]:
    """Multi-scale structural similarity of each image, in [0, 1]; both inputs in [0, 1].

    Raises:
        UnsupportedError: a side below 176 pixels, where the coarsest of the five scales is smaller
            than the window.

    Source: Wang et al. 2003, 37th Asilomar Conference, through pytorch-msssim.
    """
    _need(images, MS_SSIM_MIN_SIDE, "MS-SSIM")
    values: Tensor = _ms_ssim(
        images.double(), reconstructions.double(), data_range=1.0, size_average=False
    )
    return values


def _need(images: Float[Tensor, "b c H W"], side: int, name: str) -> None:
    if min(images.shape[-2:]) < side:
        raise UnsupportedError(
            f"{name} needs images of at least {side} pixels a side; these are "
            f"{images.shape[-2]}x{images.shape[-1]}. Leave it out, or measure larger pictures."
        )
