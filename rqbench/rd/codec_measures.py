"""What restored pictures are judged by: a distance of each picture, or a score of all of them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import ConfigError
from ..metric_names import describe
from ..metrics.distances import Distance, distances_for
from ..metrics.extractor import Extractor, find_extractor
from ..metrics.fidelity import Features, fidelity_scores, possible_scores
from ..metrics.perceptual import find_perceptual
from ..metrics.protocol import Protocol
from ..record import Record
from ..stages.recording import Recorder
from .codec_pictures import MeasuredPictures
from .codecs import MIN_SIDE

At = tuple[str, int]
"""A codec by name, and its quality."""


class Measure(ABC):
    """Takes pictures batch by batch: the originals, then what each codec made of them."""

    @abstractmethod
    def look(self, originals: Float[Tensor, "b 3 H W"]) -> None:
        """The next batch."""

    @abstractmethod
    def take(self, at: At, restored: Float[Tensor, "b 3 H W"]) -> None:
        """That batch through a codec."""

    @abstractmethod
    def records(
        self, recorder: Recorder, at: At, clusters: Sequence[str], settings: Mapping[str, Any]
    ) -> list[Record]:
        """What was found, all batches taken."""


class Distances(Measure):
    """A number of each picture."""

    def __init__(self, metric: str, distance: Distance, protocol: Protocol) -> None:
        self.metric, self.distance, self.protocol = metric, distance, protocol
        self._values: dict[At, list[float]] = {}

    def look(self, originals: Float[Tensor, "b 3 H W"]) -> None:
        self._originals = originals

    def take(self, at: At, restored: Float[Tensor, "b 3 H W"]) -> None:
        found = self.distance(self._originals, restored).double().tolist()
        self._values.setdefault(at, []).extend(found)

    def records(
        self, recorder: Recorder, at: At, clusters: Sequence[str], settings: Mapping[str, Any]
    ) -> list[Record]:
        return [recorder.mean(self.metric, self._values[at], self.protocol, clusters, settings)]


class SetScores(Measure):
    """Scores of all pictures together, by the features of a network."""

    def __init__(self, extractor: Extractor, protocol: Protocol) -> None:
        self.extractor, self.protocol = extractor, protocol
        self._originals: list[Features] = []
        self._restored: dict[At, list[Features]] = {}

    def look(self, originals: Float[Tensor, "b 3 H W"]) -> None:
        self._originals.append(Features(*self.extractor.features(originals)))

    def take(self, at: At, restored: Float[Tensor, "b 3 H W"]) -> None:
        self._restored.setdefault(at, []).append(Features(*self.extractor.features(restored)))

    def records(
        self, recorder: Recorder, at: At, clusters: Sequence[str], settings: Mapping[str, Any]
    ) -> list[Record]:
        both = _together(self._originals), _together(self._restored[at])
        scores = fidelity_scores(*both, clusters, self.extractor.name, "reconstructions")
        return [recorder.score(score, self.protocol, settings) for score in scores]


def find_measure(metric: str, pictures: MeasuredPictures) -> Measure:
    """What measures a distortion as it was measured of tokenizers on these pictures.

    Raises:
        ConfigError: a metric that cannot be had of codecs, or not of these pictures.
    """
    perceptual = find_perceptual()
    distances = distances_for(MIN_SIDE, perceptual)
    if metric in distances:
        return Distances(metric, distances[metric], pictures.protocol_of(metric, perceptual))
    if describe(metric).score_of != "reconstructions":
        raise ConfigError(
            f"--codecs measures pictures that were written and read back, and {metric} is no "
            f"number of such. Name one of {', '.join(distances)}, or a Fréchet score of "
            "reconstructions."
        )
    if pictures.protocol_of_set is None:
        raise ConfigError(
            f"{metric} is a score of a whole set, which `rqbench evaluate` does not take. Name a "
            f"run of `rqbench compare` as the first, or one of {', '.join(distances)}."
        )
    extractor = find_extractor()
    names = possible_scores(extractor.name, "reconstructions")
    if metric not in names:
        raise ConfigError(
            f"{metric} needs another extractor than {extractor.name}, the one at hand. Name one "
            f"of {', '.join(names)}."
        )
    return SetScores(extractor, pictures.protocol_of_set(extractor))


def _together(parts: Sequence[Features]) -> Features:
    return Features(
        torch.cat([part.features for part in parts]), torch.cat([part.logits for part in parts])
    )
