"""The trunk of ST-LPIPS: an AlexNet that blurs wherever it halves.

Source of the layout: Ghildyal and Liu 2022, arXiv:2207.13686, variant "alex, shift tolerant".
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

MIN_SIDE = 24  # below it the last blur has too little to reflect


class BlurPool(nn.Module):
    """Halve each side after a 1-2-1 blur, borders reflected by two pixels.

    Source: Zhang 2019, arXiv:1904.11486.
    """

    filt: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        line = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.register_buffer("filt", torch.outer(line, line).expand(channels, 1, 3, 3).clone())

    def forward(self, tap: Float[Tensor, "b c H W"]) -> Float[Tensor, "b c h w"]:
        padded = F.pad(tap, (2, 2, 2, 2), mode="reflect")
        return F.conv2d(padded, self.filt, stride=2, groups=len(self.filt))


class ShiftTolerantAlexNet(nn.Module):
    """Five groups of layers, one tap after each: 64, 192, 384, 256 and 256 channels.

    The first convolution steps by one pixel and the blurs do the halving, so that a shift of the
    picture by one pixel hardly moves the taps. Layers are numbered within their group.
    """

    def __init__(self) -> None:
        super().__init__()
        self.slice1 = nn.Sequential(nn.Conv2d(3, 64, 11, padding=2), BlurPool(64), nn.ReLU())
        self.slice2 = nn.Sequential(
            nn.MaxPool2d(3, 1), BlurPool(64), nn.Conv2d(64, 192, 5, padding=2), nn.ReLU()
        )
        self.slice3 = nn.Sequential(
            nn.MaxPool2d(3, 1), BlurPool(192), nn.Conv2d(192, 384, 3, padding=1), nn.ReLU()
        )
        self.slice4 = nn.Sequential(nn.Conv2d(384, 256, 3, padding=1), nn.ReLU())
        self.slice5 = nn.Sequential(nn.Conv2d(256, 256, 3, padding=1), nn.ReLU())

    def forward(self, images: Float[Tensor, "b 3 H W"]) -> list[Tensor]:
        taps = []
        tap = images
        for group in (self.slice1, self.slice2, self.slice3, self.slice4, self.slice5):
            tap = group(tap)
            taps.append(tap)
        return taps
