"""A set of pictures with its features, or the statistics that somebody saved of one."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from ..counted import counted
from ..errors import DataError
from ..metrics.extractor import Extractor
from ..metrics.frechet import Gaussian, gaussian_of
from ..metrics.moments import Moments
from .feature_set import FeatureSet
from .make_statistics import moments_of
from .npz_member import member_names
from .npz_pictures import PIXELS
from .open_pictures import open_pictures
from .pictures import Pictures
from .protocol import FidelityProtocol
from .side import Side
from .statistics_file import COVARIANCE, MEAN, arrays_for, check_fits, read_statistics

Pass = Callable[[Pictures], FeatureSet]
"""Pictures to features, however: with a cache, threads and a bar."""


@dataclass(frozen=True)
class MeasuredSet:
    """
    Attributes:
        name: never a path.
        moments: of the features.
        features: None of statistics alone.
        pictures: None of statistics.
        given: statistics of other pictures, which Fréchet distances are against instead.
        note: what a reader of its scores has to know; empty otherwise.
    """

    name: str
    moments: Moments
    features: FeatureSet | None = None
    pictures: Pictures | None = None
    given: Moments | None = None
    note: str = ""

    @property
    def n(self) -> int | None:
        """How many pictures; None of statistics that do not say."""
        return self.moments.n

    @property
    def clusters(self) -> list[str] | None:
        """The photograph of each picture; None where each stands for itself, or nothing is known
        of them."""
        return None if self.features is None else self.features.clusters

    @property
    def num_photographs(self) -> int:
        """Of how many photographs its pictures are crops; 0 where each stands for itself."""
        return len(set(self.clusters or ()))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the contents of its pictures; of statistics alone, of their numbers."""
        if self.features is not None:
            return self.features.digest
        return _digest_of(self.moments)

    @property
    def given_digest(self) -> str | None:
        """SHA-256 of the numbers of the given statistics."""
        return None if self.given is None else _digest_of(self.given)

    @property
    def stands_fixed(self) -> bool:
        """Whether Fréchet distances are against statistics, whose pictures are not at hand."""
        return self.features is None or self.given is not None

    @cached_property
    def gaussian(self) -> Gaussian:
        return gaussian_of(self.moments if self.given is None else self.given)

    @cached_property
    def cloud(self) -> Float[Tensor, "n d"]:
        """The features, mapped from the disk."""
        assert self.features is not None  # whoever has statistics alone asks for no cloud
        return torch.from_numpy(self.features.features())

    @cached_property
    def logits(self) -> Float[Tensor, "n v"]:
        assert self.features is not None
        return torch.from_numpy(self.features.logits())

    def side(self) -> Side:
        """What traps look at."""
        if self.features is None:
            return Side(self.name, self.n)
        has_classes = self.features.num_classes > 0
        guessed = self.logits.argmax(dim=1).tolist() if has_classes else ()
        return Side(self.name, self.n, self.features.facts, self._read(), guessed)

    def _read(self) -> Callable[[int], UInt8[np.ndarray, "H W 3"]] | None:
        pictures, features = self.pictures, self.features
        if pictures is None or features is None:
            return None
        places = {name: place for place, name in enumerate(pictures.names)}

        def read(index: int) -> UInt8[np.ndarray, "H W 3"]:
            place = places[features.facts[index].name]  # others may have been left out
            return pictures.decode(place, pictures.encoded(place)).pixels

        return read


def open_set(path: Path, system: str | None) -> Pictures | None:
    """The pictures of a path, as `open_pictures`; None of a file of statistics."""
    return None if is_statistics(path) else open_pictures(path, system)


def measure_set(
    path: Path,
    pictures: Pictures | None,
    protocol: FidelityProtocol,
    extractor: Extractor,
    feature_pass: Pass,
) -> MeasuredSet:
    """Features of pictures, or what a file of statistics holds.

    Args:
        pictures: of the path, from `open_set`.

    Raises:
        ConfigError: statistics of another protocol or extractor.
        DataError: no pictures, or fewer than two.
    """
    if pictures is None:
        return _of_statistics(path, protocol, extractor)
    features = feature_pass(pictures)
    if features.n < 2:
        raise DataError(
            f"{pictures.name} has {counted(features.n, 'picture')} to measure, and a spread needs "
            "two; a score worth printing needs thousands."
        )
    return MeasuredSet(pictures.name, moments_of(features), features, pictures)


def is_statistics(path: Path) -> bool:
    """Whether a file holds a mean and a covariance, and no pictures."""
    if path.suffix != ".npz" or not path.is_file():
        return False
    names = set(member_names(path))
    return {MEAN, COVARIANCE} <= names and PIXELS not in names


def _of_statistics(path: Path, protocol: FidelityProtocol, extractor: Extractor) -> MeasuredSet:
    found = read_statistics(path, arrays_for(path, protocol))
    check_fits(found, path, protocol, extractor)
    if found.about is not None:
        return MeasuredSet(found.about.pictures, found.moments, found.features)
    name = f"statistics:{path.stem}"
    note = f"{name} does not say by which protocol it was made; only its width was compared"
    return MeasuredSet(name, found.moments, note=note)


def _digest_of(moments: Moments) -> str:
    parts = moments.mean, moments.covariance
    return sha256(b"".join(part.numpy().tobytes() for part in parts)).hexdigest()
