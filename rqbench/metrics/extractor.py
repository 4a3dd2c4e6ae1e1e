"""Extractors: pictures to features and class logits, by a protocol's clauses."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Float, Shaped
from torch import Tensor, nn

from rqbench.errors import UnsupportedError
from rqbench.files import digest_of
from rqbench.metric_names import score_name

from .extractor_errors import ExtractorModeError, NonFiniteFeaturesError
from .extractors.catalogue import EXTRACTORS, check_clauses
from .feature_protocol import FeatureProtocol
from .libraries import versions
from .published_weights import FoundWeights, find_weights, is_ready
from .resizers import Picture, Resize, cpu_resize, find_resizer
from .to_pixels import to_pixels

_BATCH = 32
_INSTALLED = "effnetlite0"
"""Whose weights come with rqbench."""
_KEY_VERSION = 2
"""Counts up when the same clauses come to give other features."""


@dataclass(frozen=True)
class Extractor:
    """Images to features and class logits, for the Fréchet, kernel and Inception-style scores.

    Attributes:
        name: what it measures is named after it.
        weights_sha256: of the file of weights.
        dim: width of the features.
        num_classes: width of the logits; 0 where there are none.
        protocol: how pictures come to the network.
        resize: the part of it that is done picture by picture, on the CPU.
        network: prepared pictures to (features, logits), on one device.
        device: where the network lies.
    """

    name: str
    weights_sha256: str
    dim: int
    num_classes: int
    protocol: FeatureProtocol
    resize: Resize = field(repr=False)
    network: nn.Module = field(repr=False)
    device: torch.device

    @property
    def resizer(self) -> str:
        """How images come to the network's size."""
        return f"{find_resizer(self.protocol.resize).title}, {self.protocol.side} px"

    @property
    def clauses(self) -> dict[str, str | int | float]:
        """What a protocol has to say of it."""
        pixels = self.protocol.pixels
        return {
            "extractor": self.name,
            "extractor_weights_sha256": self.weights_sha256,
            "resizer": self.resizer,
            "pixels": pixels if pixels == "float" else f"8-bit {pixels}",
        }

    @property
    def key(self) -> str:
        """Digest of all that decides the features of given pixels, other people's code included."""
        clauses = self.protocol.model_dump(include=set(FeatureProtocol.model_fields) - {"pixels"})
        codes = {find_resizer(self.protocol.resize).code, EXTRACTORS[self.protocol.extractor].code}
        known = versions(code for code in codes if code)
        return digest_of([_KEY_VERSION, self.weights_sha256, clauses, known])

    def prepare(self, picture: Picture) -> Picture:
        """One picture, 8-bit or floats of 0 to 255, as `extract` takes it; may run in threads."""
        return self.resize(picture)

    @torch.no_grad()
    def extract(
        self, batch: Shaped[Tensor, "b 3 H W"]
    ) -> tuple[Float[Tensor, "b d"], Float[Tensor, "b v"]]:
        """Features and logits on the CPU, of prepared pictures of one size on any device.

        Raises:
            ExtractorModeError: the network, or a part of it, is in training mode.
            NonFiniteFeaturesError: names the place of the first picture without finite features.
        """
        from ..speed.tf32 import tf32_products  # late: whoever only measures PSNR needs it not

        _check_mode(self.network, self.name)
        with tf32_products(False, str(self.device)):  # so that a GPU gives what a CPU gives
            found = self.network(batch.to(self.device, non_blocking=True))
            features, logits = (part.float().cpu() for part in found)
        logits = logits[:, : self.num_classes]  # a protocol may want none of those that there are
        _check_finite(features, logits, self.name)
        return features, logits

    def features(
        self, images: Float[Tensor, "n 3 H W"]
    ) -> tuple[Float[Tensor, "n d"], Float[Tensor, "n v"]]:
        """Features and logits on the CPU, whatever the batch.

        Args:
            images: at least one, in [0, 1]; clamped, and by most protocols rounded to 8 bits here,
                so that samples are measured as the files that they would be saved as.
        """
        parts = [self.extract(self._prepared(batch)) for batch in torch.split(images, _BATCH)]
        features, logits = (torch.cat(column) for column in zip(*parts, strict=True))
        return features, logits

    def _prepared(self, images: Float[Tensor, "b 3 H W"]) -> Shaped[Tensor, "b 3 h w"]:
        pixels = to_pixels(images, self.protocol.pixels)
        if find_resizer(self.protocol.resize).made_of is None:
            return pixels
        arrays = rearrange(pixels, "b c h w -> b h w c").cpu().numpy()
        prepared = torch.from_numpy(np.stack([self.prepare(array) for array in arrays]))
        return rearrange(prepared, "b h w c -> b c h w")


def load_extractor(
    protocol: FeatureProtocol,
    device: torch.device | str = "cpu",
    weights: Path | None = None,
    download: bool = False,
) -> Extractor:
    """The extractor that a protocol names.

    Args:
        weights: a file of the user's; other weights than the published ones get a name of their
            own, such as `inception-v3-compat@1a2b3c4d`.
        download: fetch published weights into torch's cache where they are not here.

    Raises:
        ConfigError: an unknown extractor, resizer or way to normalise, or two that do not go
            together.
        UnsupportedError: the weights are not here; says which file goes where.
        DamagedFileError: other weights than the published ones in their place.
    """
    check_clauses(protocol)
    known, device = EXTRACTORS[protocol.extractor], torch.device(device)
    clauses = FeatureProtocol(**protocol.model_dump(include=set(FeatureProtocol.model_fields)))
    found = _weights(protocol.extractor, weights, download)
    return Extractor(
        name=f"{protocol.extractor}{found.suffix}",
        weights_sha256=found.sha256,
        dim=known.dim,
        num_classes=0 if clauses.logits == "none" else known.num_classes,
        protocol=clauses,
        resize=cpu_resize(clauses.resize, clauses.side),
        network=_network(clauses, found, device),
        device=device,
    )


def find_extractor(device: torch.device | str = "cpu") -> Extractor:
    """Inception if torch's cache already has its weights; otherwise EfficientNet-Lite0.

    Nothing is downloaded. To have Inception, let torch-fidelity fetch its weights once.

    Raises:
        UnsupportedError: neither is there.
        DamagedFileError: weights other than the published ones.
    """
    return load_extractor(EXTRACTORS[_at_hand()].natural, device)


def sample_frechet() -> str:
    """What the samples' Fréchet distance is called where `find_extractor` runs now."""
    return score_name("fid", _at_hand())


def _at_hand() -> str:
    inception = "inception-v3-compat"
    return inception if is_ready(EXTRACTORS[inception].weights) else _INSTALLED


def _weights(name: str, given: Path | None, download: bool) -> FoundWeights:
    """As `find_weights`, which knows no other network to go on with."""
    try:
        return find_weights(EXTRACTORS[name].weights, name, given, download)
    except UnsupportedError as error:
        if name == _INSTALLED:
            raise
        raise UnsupportedError(
            f"{error} Or go without a download: `--extractor {_INSTALLED}`, or `--protocol "
            "offline`; scores then carry that network's name."
        ) from None


@lru_cache(maxsize=2)
def _network(clauses: FeatureProtocol, found: FoundWeights, device: torch.device) -> nn.Module:
    """Read once: each plan of an experiment asks for it."""
    return EXTRACTORS[clauses.extractor].build(found, clauses).to(device)


def _check_mode(network: nn.Module, name: str) -> None:
    if any(module.training for module in network.modules()):
        raise ExtractorModeError(
            f"The extractor {name} is in training mode, in which a picture's features depend on "
            "the others in its batch. Call .eval() on its network."
        )


def _check_finite(features: Tensor, logits: Tensor, name: str) -> None:
    is_finite = features.isfinite().all(dim=1) & logits.isfinite().all(dim=1)
    if not is_finite.all():
        place = int(is_finite.long().argmin())
        raise NonFiniteFeaturesError(
            f"{name} gives features that are not numbers for the picture at place {place} of its "
            "batch. Look at its pixels: a NaN in a decoder's output does this. Leave it out.",
            place,
        )
