"""Whether candidates are copies of training pictures, with held-out pictures beside them."""

from functools import cached_property

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ..errors import ConfigError, DataError
from ..metrics.memorisation import copies_share, nearer_share, nearest_features
from ..metrics.rated import Rated
from .feature_set import FeatureSet
from .measured_set import MeasuredSet

SHARES = "nearer_to_training_share", "training_copies_share"


class NearTraining:
    """Distances to the nearest training pictures, those of the held-out ones measured once.

    Attributes:
        training: what the candidates' model was trained on.
        held_out: the pictures of the reference that are not among them.

    Raises:
        ConfigError: statistics without features, of which no picture is near or far.
        DataError: no picture of the reference is left.
    """

    def __init__(self, reference: MeasuredSet, training: MeasuredSet) -> None:
        self.training = training
        self.held_out = _others(_features(reference), _features(training))
        num_shared = _features(reference).n - self.held_out.n
        if self.held_out.n == 0:
            raise DataError(
                f"All pictures of {reference.name} are training pictures too, so none shows how "
                "near new ones come. Give held-out pictures as the reference."
            )
        self.note = (
            f"{num_shared:,} of {reference.name} are training pictures and no yardstick of copies"
            if num_shared
            else ""
        )

    def rate(self, candidate: MeasuredSet) -> list[Rated]:
        """The share of candidates that lie nearer than held-out pictures: in pairs, and than all.

        Held-out pictures that repeat count as one, and so do crops of one photograph.
        """
        ours, theirs = self._distances(candidate.cloud), self._yardstick
        pictures = self.held_out.clusters or [fact.sha256 for fact in self.held_out.facts]
        settings = {"training": _features(self.training).n, "held_out": self.held_out.n}
        shares = nearer_share(ours, theirs, pictures), copies_share(ours, theirs)
        return [
            Rated(score, found.value, settings, interval=found, note=self.note)
            for score, found in zip(SHARES, shares, strict=True)
        ]

    @cached_property
    def _yardstick(self) -> Float[Tensor, " m"]:
        return self._distances(torch.from_numpy(self.held_out.features()))

    def _distances(self, features: Float[Tensor, "n d"]) -> Float[Tensor, " n"]:
        return nearest_features(features, self.training.cloud).distances


def _features(measured: MeasuredSet) -> FeatureSet:
    if measured.features is None:
        raise ConfigError(
            f"{measured.name} is statistics alone, and copies are told by single pictures. Give "
            "the pictures, or statistics that `rqbench fidelity stats --features` wrote."
        )
    return measured.features


def _others(reference: FeatureSet, training: FeatureSet) -> FeatureSet:
    """The pictures of the reference that are in no training picture's place."""
    known = {fact.sha256 for fact in training.facts}
    return reference.subset(
        np.array([i for i, fact in enumerate(reference.facts) if fact.sha256 not in known], int)
    )
