"""VGG16 trained on ImageNet: the last hidden layer, 4096 features."""

from torch import nn

from rqbench.errors import DamagedFileError

from ..feature_protocol import FeatureProtocol
from ..libraries import library
from ..published_weights import FoundWeights, PublishedWeights, in_torch_cache
from ..weights import load_weights
from .eight_bit import EightBit, eight_bit_protocol
from .known import KnownExtractor

_FILE = "vgg16-397923af.pth"


def _build(found: FoundWeights, protocol: FeatureProtocol) -> nn.Module:
    # Refuses code in the file, which torch-fidelity's reading runs; eight digits prove no content
    load_weights(found.path)
    make = library("torch_fidelity.feature_extractor_vgg16").FeatureExtractorVGG16
    try:
        network = make("vgg16", ["fc2_relu"], feature_extractor_weights_path=str(found.path))
    except RuntimeError as error:
        raise DamagedFileError(f"{found.path} holds no weights of VGG16: {error}") from None
    return EightBit(network).eval()


VGG16 = KnownExtractor(
    title="VGG16, of torch-fidelity's precision and recall",
    dim=4096,
    num_classes=0,
    weights=PublishedWeights(
        sha256="397923af",
        places=in_torch_cache(_FILE),
        url=f"https://download.pytorch.org/models/{_FILE}",
    ),
    natural=eight_bit_protocol("vgg16", 224),
    build=_build,
    code="torch-fidelity",
    resizes="always",
)
