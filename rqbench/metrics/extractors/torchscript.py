"""The Inception of FID as TorchScript, which clean-fid runs: 2048 pooled features, no classes."""

import platform
import warnings
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from rqbench.errors import DamagedFileError

from ..feature_protocol import FeatureProtocol
from ..published_weights import FoundWeights, PublishedWeights, in_torch_cache
from ..resizers import IN_NETWORK
from .inputs import network_inputs
from .known import KnownExtractor

_FILE = "inception-2015-12-05.pt"


def _places() -> tuple[Path, ...]:
    """torch's cache, and the folder that clean-fid has fixed."""
    fixed = Path("." if platform.system() == "Windows" else "/tmp")
    return *in_torch_cache(_FILE)(), fixed / _FILE


class TorchScriptInception(nn.Module):
    """Prepared pictures to pooled features."""

    def __init__(self, script: Any, protocol: FeatureProtocol) -> None:
        super().__init__()
        self.script, self.inputs = script, network_inputs(protocol)
        self.resizes = protocol.resize == IN_NETWORK

    def forward(
        self, pixels: Shaped[Tensor, "b 3 H W"]
    ) -> tuple[Float[Tensor, "b d"], Float[Tensor, "b 0"]]:
        if self.resizes:
            found = self.script(pixels.float(), return_features=True)
        else:
            found = self.script.layers(self.inputs(pixels))
        features = found.flatten(1)
        return features, features.new_empty(len(features), 0)


def _build(found: FoundWeights, protocol: FeatureProtocol) -> nn.Module:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)  # of TorchScript itself
        try:
            # torch gives it no types
            script = torch.jit.load(found.path, map_location="cpu")  # type: ignore[no-untyped-call]
        except RuntimeError:
            raise DamagedFileError(
                f"{found.path} is no TorchScript. This extractor needs the file {_FILE}, not a "
                "state dict."
            ) from None
    return TorchScriptInception(script, protocol).eval().requires_grad_(False)


TORCHSCRIPT = KnownExtractor(
    title="Inception of FID, TorchScript, clean-fid's",
    dim=2048,
    num_classes=0,
    weights=PublishedWeights(
        sha256="f58cb9b6ec323ed63459aa4fb441fe750cfe39fafad6da5cb504a16f19e958f4",
        places=_places,
        url=f"https://nvlabs-fi-cdn.nvidia.com/stylegan2-ada-pytorch/pretrained/metrics/{_FILE}",
        said="(The digest is from memory of k-diffusion's evaluation code, unverified: a file with "
        "another one runs by --weights, under a name of its own.)",
    ),
    natural=FeatureProtocol(
        extractor="inception-v3-torchscript", resize="pil-bicubic", logits="none"
    ),
    build=_build,
    resizes="either",
)
