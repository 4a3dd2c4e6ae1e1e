"""DINOv2 (Oquab et al. 2023, arXiv:2304.07193), as torch-fidelity runs it: from torch's hub."""

from pathlib import Path

import torch
from torch import nn

from rqbench.errors import UnsupportedError

from ..feature_protocol import FeatureProtocol
from ..libraries import library
from ..published_weights import FoundWeights, PublishedWeights, in_torch_cache
from .eight_bit import EightBit, eight_bit_protocol
from .known import KnownExtractor

_MODELS = {"s": 384, "b": 768, "l": 1024, "g": 1536}  # width of the features


def _build(found: FoundWeights, protocol: FeatureProtocol) -> nn.Module:
    code = Path(torch.hub.get_dir()) / "facebookresearch_dinov2_main"
    if not code.is_dir() or found.path.parent != Path(torch.hub.get_dir()) / "checkpoints":
        raise UnsupportedError(
            f"torch-fidelity takes DINOv2 from torch's hub only, its code at {code} and its "
            f"weights beside. {_said(protocol.extractor)}"
        )
    make = library("torch_fidelity.feature_extractor_dinov2").FeatureExtractorDinoV2
    return EightBit(make(protocol.extractor, ["dinov2"])).eval()


def _said(name: str) -> str:
    """How to have both."""
    size = name.split("-")[2]
    return (
        f"`torch.hub.load('facebookresearch/dinov2', 'dinov2_vit{size}14')` fetches both where "
        "there is a network."
    )


def _known(size: str, dim: int) -> KnownExtractor:
    name = f"dinov2-vit-{size}-14"
    return KnownExtractor(
        title=f"DINOv2 ViT-{size.upper()}/14",
        dim=dim,
        num_classes=0,
        weights=PublishedWeights(
            sha256="",  # its publisher gives none
            places=in_torch_cache(f"dinov2_vit{size}14_pretrain.pth"),
            said=_said(name),
        ),
        natural=eight_bit_protocol(name, 224),
        build=_build,
        code="torch-fidelity",
        resizes="always",
    )


DINOV2 = tuple(_known(size, dim) for size, dim in _MODELS.items())
