"""The picture half of CLIP (Radford et al. 2021, arXiv:2103.00020), as torch-fidelity runs it."""

import warnings
from typing import NamedTuple

from torch import nn

from rqbench.errors import DamagedFileError

from ..feature_protocol import FeatureProtocol
from ..libraries import library
from ..published_weights import FoundWeights, PublishedWeights, in_torch_cache
from .eight_bit import EightBit, eight_bit_protocol
from .known import KnownExtractor


class _Clip(NamedTuple):
    file: str
    side: int
    dim: int
    sha256: str


_MODELS = {
    "clip-rn50": _Clip("RN50", 224, 1024,
        "afeb0e10f9e5a86da6080e35cf09123aca3b358a0c3e3b6c78a7b63bc04b6762"),
    "clip-rn101": _Clip("RN101", 224, 512,
        "8fa8567bab74a42d41c5915025a8e4538c3bdbe8804a470a72f30b0d94fab599"),
    "clip-rn50x4": _Clip("RN50x4", 288, 640,
        "7e526bd135e493cef0776de27d5f42653e6b4c8bf9e0f653bb11773263205fdd"),
    "clip-rn50x16": _Clip("RN50x16", 384, 768,
        "52378b407f34354e150460fe41077663dd5b39c54cd0bfd2b27167a4a06ec9aa"),
    "clip-rn50x64": _Clip("RN50x64", 448, 1024,
        "be1cfb55d75a9666199fb2206c106743da0f6468c9d327f3e0d0a543a9919d9c"),
    "clip-vit-b-32": _Clip("ViT-B-32", 224, 512,
        "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af"),
    "clip-vit-b-16": _Clip("ViT-B-16", 224, 512,
        "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f"),
    "clip-vit-l-14": _Clip("ViT-L-14", 224, 768,
        "b8cca3fd41ae0c99ba7e8951adf17d267cdb84cd88be6f7c2e0eca1737a03836"),
    "clip-vit-l-14-336px": _Clip("ViT-L-14-336px", 336, 768,
        "3035c92b350959924f9f00213499208652fc7ea050643e8b385c2dac08641f02"),
}  # fmt: skip


def _build(found: FoundWeights, protocol: FeatureProtocol) -> nn.Module:
    make = library("torch_fidelity.feature_extractor_clip").FeatureExtractorCLIP
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)  # of TorchScript itself
        try:
            network = make(
                protocol.extractor, ["clip"], feature_extractor_weights_path=str(found.path)
            )
        except (RuntimeError, KeyError) as error:
            raise DamagedFileError(f"{found.path} holds no weights of CLIP: {error}") from None
    return EightBit(network).eval()


def _known(name: str, model: _Clip) -> KnownExtractor:
    base = "https://openaipublic.azureedge.net/clip/models"
    return KnownExtractor(
        title=f"CLIP {model.file}",
        dim=model.dim,
        num_classes=0,
        weights=PublishedWeights(
            sha256=model.sha256,
            places=in_torch_cache(f"{name}-{model.sha256}.pt"),
            url=f"{base}/{model.sha256}/{model.file}.pt",
        ),
        natural=eight_bit_protocol(name, model.side),
        build=_build,
        code="torch-fidelity",
        resizes="always",
    )


CLIP = tuple(_known(name, model) for name, model in _MODELS.items())
