"""PatchGAN: a convolutional network that judges overlapping patches of a picture.

Source: Isola et al. 2017, arXiv:1611.07004, appendix 6.1.2, with the initialisation and the batch
normalisation that VQGAN trains with (Esser et al. 2021, arXiv:2012.09841).
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .errors import ConfigError

KERNEL, PADDING = 4, 1
WIDEST = 8
"""No layer is wider than this many times the first."""
INIT_STD = 0.02


class PatchDiscriminator(nn.Module):
    """Images in [0, 1] to one logit a patch, above zero for what it takes to be real.

    Args:
        layers: convolutions of stride 2; two more of stride 1 follow.
        channels: width after the first; each further one doubles it, up to eight times.
    """

    def __init__(self, layers: int, channels: int) -> None:
        super().__init__()
        modules: list[nn.Module] = [
            nn.Conv2d(3, channels, KERNEL, stride=2, padding=PADDING),
            nn.LeakyReLU(0.2),
        ]
        before = channels
        for index in range(1, layers + 1):
            width = channels * min(2**index, WIDEST)
            stride = 2 if index < layers else 1
            modules += [
                nn.Conv2d(before, width, KERNEL, stride, PADDING, bias=False),
                nn.BatchNorm2d(width),
                nn.LeakyReLU(0.2),
            ]
            before = width
        modules.append(nn.Conv2d(before, 1, KERNEL, stride=1, padding=PADDING))
        self.main = nn.Sequential(*modules)
        self.apply(_initialise)

    def forward(self, images: Float[Tensor, "b 3 H W"]) -> Float[Tensor, "b 1 _ _"]:
        """In float32, and leaving autocast for it: its gradients weigh the tokenizer's loss."""
        with torch.autocast(images.device.type, enabled=False):
            logits: Tensor = self.main(2 * images.float() - 1)
        return logits


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.normal_(module.weight, 0.0, INIT_STD)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, INIT_STD)


def patches_along(side_px: int, layers: int) -> int:
    """Logits along a side of this many pixels.

    Raises:
        ConfigError: there would be none.
    """
    side = side_px
    for stride in (*[2] * layers, 1, 1):
        side = (side + 2 * PADDING - KERNEL) // stride + 1
    if side < 1:
        raise ConfigError(
            f"A discriminator of {layers} layers leaves no patch of images of {side_px} pixels a "
            "side. Set adversarial.layers lower, or data.resolution higher."
        )
    return side
