"""All networks by name."""

from rqbench.errors import ConfigError, did_you_mean

from ..feature_protocol import FeatureProtocol
from ..normalisers import normaliser
from ..resizers import IN_NETWORK, find_resizer
from .clip import CLIP
from .dinov2 import DINOV2
from .inception import INCEPTION, SPATIAL
from .known import KnownExtractor
from .lite import LITE
from .squeeze import SQUEEZE
from .torchscript import TORCHSCRIPT
from .vgg import VGG16

EXTRACTORS: dict[str, KnownExtractor] = {
    known.natural.extractor: known
    for known in (INCEPTION, SPATIAL, TORCHSCRIPT, LITE, SQUEEZE, VGG16, *CLIP, *DINOV2)
}


def known_extractor(name: str) -> KnownExtractor:
    """
    Raises:
        ConfigError: no such extractor.
    """
    if name not in EXTRACTORS:
        raise ConfigError(
            f"No extractor is called {name!r}.{did_you_mean(name, EXTRACTORS)} "
            f"There are: {', '.join(EXTRACTORS)}."
        )
    return EXTRACTORS[name]


def check_clauses(protocol: FeatureProtocol) -> None:
    """
    Raises:
        ConfigError: an unknown extractor, resizer or way to normalise, or two that do not go
            together.
    """
    name, inside = protocol.extractor, protocol.resize == IN_NETWORK
    known = known_extractor(name)
    find_resizer(protocol.resize)
    normaliser(protocol.normalise)
    if (known.resizes == "never" and inside) or (known.resizes == "always" and not inside):
        raise ConfigError(
            f"{name} does not go with resize {protocol.resize!r}: its pictures "
            f"{'never' if inside else 'always'} come to their size inside the network. Its "
            f"publisher's is {known.natural.resize!r}."
        )
    if known.resizes == "always" and protocol.pixels == "float":
        raise ConfigError(
            f"{name} takes pictures of 8 bits only, and this protocol keeps floats as they are. "
            "Let `pixels` be 'round' or 'truncate'."
        )
