"""Networks of torch-fidelity that take 8-bit pictures of any size, and tell no classes."""

from jaxtyping import Float, Shaped
from torch import Tensor, nn

from rqbench.errors import UnsupportedError

from ..feature_protocol import FeatureProtocol
from ..normalisers import IN_NETWORK as NORMALISED_INSIDE
from ..resizers import IN_NETWORK as RESIZED_INSIDE


class EightBit(nn.Module):
    """One of torch-fidelity's own extractors, asked for its one kind of features."""

    def __init__(self, published: nn.Module) -> None:
        super().__init__()
        self.published = published

    def forward(
        self, pixels: Shaped[Tensor, "b 3 H W"]
    ) -> tuple[Float[Tensor, "b d"], Float[Tensor, "b 0"]]:
        if pixels.is_floating_point():
            raise UnsupportedError(
                "This network takes pictures of 8 bits only. Let the protocol's `pixels` be "
                "'round' or 'truncate'."
            )
        (features,) = self.published(pixels)
        return features, features.new_empty(len(features), 0)


def eight_bit_protocol(name: str, side: int) -> FeatureProtocol:
    """The clauses of such a network."""
    return FeatureProtocol(
        extractor=name, resize=RESIZED_INSIDE, normalise=NORMALISED_INSIDE, side=side, logits="none"
    )
