"""The Inception of FID as torch-fidelity ships it: 2048 pooled features and 1008 logits.

torch-fidelity's own class takes 8-bit pictures only. Its layers are run here one after the other,
so that pictures which another resizer left as floats can be given to them.
"""

from einops import rearrange
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from rqbench.errors import DamagedFileError

from ..feature_protocol import FeatureProtocol
from ..libraries import library
from ..published_weights import FoundWeights, PublishedWeights, in_torch_cache
from ..weights import load_weights
from .inputs import network_inputs
from .known import KnownExtractor

_SPATIAL_CHANNELS = 7  # of 192: 7 x 17 x 17 is about as many as the pooled features

WEIGHTS = PublishedWeights(
    sha256="6726825d",
    places=in_torch_cache(
        "weights-inception-2015-12-05-6726825d.pth",  # torch-fidelity's name for it
        "pt_inception-2015-12-05-6726825d.pth",  # pytorch-fid's, and clean-fid's
    ),
    url="https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/"
    "weights-inception-2015-12-05-6726825d.pth",
)


class Inception(nn.Module):
    """Prepared pictures to pooled features and class logits."""

    def __init__(self, published: nn.Module, protocol: FeatureProtocol) -> None:
        super().__init__()
        *layers, self.classifier = published.children()  # in the order in which they run
        self.layers = nn.Sequential(*layers)
        self.inputs, self.kind_of_logits = network_inputs(protocol), protocol.logits

    def forward(
        self, pixels: Shaped[Tensor, "b 3 H W"]
    ) -> tuple[Float[Tensor, "b 2048"], Float[Tensor, "b v"]]:
        features = self.layers(self.inputs(pixels)).flatten(1)
        if self.kind_of_logits == "none":
            return features, features.new_empty(len(features), 0)
        logits = features @ self.classifier.weight.T
        if self.kind_of_logits == "with bias":
            logits = logits + self.classifier.bias
        return features, logits


class SpatialInception(nn.Module):
    """Prepared pictures to features that keep their places, for sFID.

    The first branch of the block that TensorFlow calls mixed_6, its first channels. They come last,
    as in TensorFlow: statistics that others made of such features are then in the same order.

    Source: Nash et al. 2021, arXiv:2103.03841, section 5; the layer as guided-diffusion's evaluator
    takes it.
    """

    def __init__(self, published: nn.Module, protocol: FeatureProtocol) -> None:
        super().__init__()
        names = [name for name, _ in published.named_children()]
        before = list(published.children())[: names.index("Mixed_6d")]
        branch = published.get_submodule("Mixed_6d.branch1x1")
        self.layers = nn.Sequential(*before, branch)
        self.inputs = network_inputs(protocol)

    def forward(
        self, pixels: Shaped[Tensor, "b 3 H W"]
    ) -> tuple[Float[Tensor, "b d"], Float[Tensor, "b 0"]]:
        maps = self.layers(self.inputs(pixels))
        features = rearrange(maps[:, :_SPATIAL_CHANNELS], "b c h w -> b (h w c)")
        return features, features.new_empty(len(features), 0)


def _published(found: FoundWeights) -> nn.Module:
    """torch-fidelity's network with these weights, in eval mode."""
    # Refuses code in the file, which torch-fidelity's reading runs; eight digits prove no content
    load_weights(found.path)
    make = library("torch_fidelity.feature_extractor_inceptionv3").FeatureExtractorInceptionV3
    try:
        network: nn.Module = make(
            "inception-v3-compat", ["2048"], feature_extractor_weights_path=str(found.path)
        )
    except (RuntimeError, TypeError, AttributeError) as error:
        raise DamagedFileError(f"{found.path} holds no weights of Inception: {error}") from None
    return network


INCEPTION = KnownExtractor(
    title="Inception of FID, torch-fidelity's",
    dim=2048,
    num_classes=1008,
    weights=WEIGHTS,
    natural=FeatureProtocol(),
    build=lambda found, protocol: Inception(_published(found), protocol).eval(),
    code="torch-fidelity",
)
SPATIAL = KnownExtractor(
    title="the same, features that keep their places (sFID)",
    dim=_SPATIAL_CHANNELS * 17 * 17,
    num_classes=0,
    weights=WEIGHTS,
    natural=FeatureProtocol(extractor="inception-v3-spatial", logits="none"),
    build=lambda found, protocol: SpatialInception(_published(found), protocol).eval(),
    code="torch-fidelity",
)
