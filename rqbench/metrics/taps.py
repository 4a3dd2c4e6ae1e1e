"""A perceptual distance from the taps of a trunk: the arithmetic that LPIPS and ST-LPIPS share.

Source: Zhang et al. 2018, arXiv:1801.03924, section 3.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rqbench.errors import UnsupportedError

# Mean and deviation of ImageNet's colours, for inputs in [-1, 1]
_SHIFT = (-0.030, -0.088, -0.188)
_SCALE = (0.458, 0.448, 0.450)


def tap_distance(
    tap: Float[Tensor, "b c h w"], other: Float[Tensor, "b c h w"], head: Float[Tensor, " c"]
) -> Float[Tensor, " b"]:
    """Mean over positions of the head-weighted squared difference between unit vectors."""
    difference = _unit(tap) - _unit(other)
    return torch.einsum("bchw,c->bhw", difference.square(), head).mean(dim=(1, 2))


def _unit(tap: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
    length: Tensor = torch.linalg.vector_norm(tap, dim=1, keepdim=True)
    return tap / (length + 1e-10)


class TapDistance(nn.Module):
    """Distance of each pair of images; 0 for identical ones. Frozen, in eval mode.

    The gradient flows to the reconstructions alone: the images' side is computed without one, which
    saves half the work when the distance is a training loss.
    """

    shift: Tensor
    scale: Tensor

    def __init__(self, trunk: nn.Module, heads: Sequence[Tensor], min_side: int) -> None:
        """
        Args:
            trunk: gives one `b c h w` tap for each head.
            heads: weights of the channels of each tap.
            min_side: pixels; below it the trunk cannot run.
        """
        super().__init__()
        self.trunk, self.min_side = trunk, min_side
        self.register_buffer("shift", torch.tensor(_SHIFT).view(1, 3, 1, 1))
        self.register_buffer("scale", torch.tensor(_SCALE).view(1, 3, 1, 1))
        for index, head in enumerate(heads):
            self.register_buffer(f"head{index}", head.flatten())
        self.requires_grad_(False).eval()

    def train(self, mode: bool = True) -> "TapDistance":
        """Stays in eval mode, whatever it is part of."""
        return super().train(False)

    def forward(
        self, images: Float[Tensor, "b 3 H W"], reconstructions: Float[Tensor, "b 3 H W"]
    ) -> Float[Tensor, " b"]:
        """The distance of each pair, both in [0, 1].

        Raises:
            UnsupportedError: a side below `min_side`.
        """
        if min(images.shape[-2:]) < self.min_side:
            raise UnsupportedError(
                f"This perceptual distance needs images of at least {self.min_side} pixels a side; "
                f"these are {images.shape[-2]}x{images.shape[-1]}. Leave it out at this resolution."
            )
        with torch.no_grad():
            targets = self._taps(images)
        parts = [
            tap_distance(tap, target, self.get_buffer(f"head{index}"))
            for index, (tap, target) in enumerate(
                zip(self._taps(reconstructions), targets, strict=True)
            )
        ]
        return torch.stack(parts).sum(dim=0)

    def _taps(self, images: Float[Tensor, "b 3 H W"]) -> Sequence[Tensor]:
        inputs = (2 * images - 1 - self.shift) / self.scale
        inputs = inputs.contiguous(memory_format=torch.channels_last)  # a quarter faster on a CPU
        taps: Sequence[Tensor] = self.trunk(inputs)
        return taps
