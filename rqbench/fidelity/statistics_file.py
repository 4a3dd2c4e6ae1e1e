"""Statistics of a set's features in a file: ours, and those that other projects publish."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Float64
from pydantic import Field, TypeAdapter, ValidationError

from ..config import Config, parse_config
from ..errors import ConfigError, DataError
from ..files import write_whole
from ..metrics.extractor import Extractor
from ..metrics.feature_protocol import FeatureProtocol
from ..metrics.moments import Moments
from .feature_set import FeatureSet
from .npz_member import map_member, member_names
from .pictures import PictureFacts
from .protocol import FidelityProtocol, diff
from .with_extractor import options_for

MEAN, COVARIANCE = "mu", "sigma"
POOLED, SPATIAL = (MEAN, COVARIANCE), ("mu_s", "sigma_s")
"""Means and covariances in guided-diffusion's files, of the features of FID and of sFID."""

_ABOUT, _FEATURES, _LOGITS, _PICTURES = "rqbench", "features", "logits", "pictures"
_FACTS = TypeAdapter(list[PictureFacts])
_FREE = {"pixels", "logits"}
"""Clauses of features that decide no statistics of 8-bit pictures."""

Kind = Literal["rqbench", "guided-diffusion", "clean-fid or pytorch-fid"]


class About(Config):
    """What our files say of themselves.

    Attributes:
        pictures, digest: name and content of the set, as `Pictures.name` and `FeatureSet.digest`.
        n: how many pictures; fewer than two have no covariance.
        protocol: with all its clauses, so that it can be told what differs.
        protocol_sha256, extractor, weights_sha256: as the protocol and the extractor have them.
        skipped: as `FeatureSet.skipped`; older files do not say.
    """

    pictures: str
    digest: str
    n: int = Field(ge=2)
    protocol: FidelityProtocol
    protocol_sha256: str
    extractor: str
    weights_sha256: str
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Statistics:
    """Mean and unbiased covariance of features.

    Attributes:
        n: of how many pictures; None where the file does not say.
        kind: whose file it is.
        about: None in a file of others, which says nothing of how it came about.
        features: None where they were not saved.
    """

    mu: Float64[np.ndarray, " d"]
    sigma: Float64[np.ndarray, "d d"]
    n: int | None = None
    kind: Kind = "rqbench"
    about: About | None = None
    features: FeatureSet | None = None

    @property
    def dim(self) -> int:
        return len(self.mu)

    @property
    def moments(self) -> Moments:
        """As the Fréchet distance takes them."""
        mean, covariance = torch.from_numpy(self.mu), torch.from_numpy(self.sigma)
        return Moments.given(mean, covariance, self.n)


def save_statistics(path: Path, found: Statistics) -> None:
    """Write our file; with features where there are some."""
    arrays: dict[str, np.ndarray] = {MEAN: found.mu, COVARIANCE: found.sigma}
    if found.about is not None:
        arrays[_ABOUT] = _packed(found.about.model_dump(mode="json"))
    if found.features is not None:
        arrays[_FEATURES], arrays[_LOGITS] = found.features.features(), found.features.logits()
        arrays[_PICTURES] = _packed([asdict(fact) for fact in found.features.facts])

    def write(beside: Path) -> None:
        with beside.open("wb") as file:  # a name would be given the ending .npz
            np.savez(file, **arrays)  # type: ignore[arg-type]  # none is called allow_pickle

    write_whole(path, write)


def arrays_for(path: Path, protocol: FidelityProtocol) -> tuple[str, str]:
    """Which mean and covariance of a file a protocol is about."""
    is_spatial = protocol.extractor == "inception-v3-spatial"
    return SPATIAL if is_spatial and set(SPATIAL) <= set(member_names(path)) else POOLED


def read_statistics(path: Path, arrays: tuple[str, str] = POOLED) -> Statistics:
    """What `save_statistics` wrote, or mean and covariance of another project's file.

    Args:
        arrays: names of the two; those of our files are the default.

    Raises:
        DataError: no statistics, of a wrong shape or kind, not finite, or pickled.
    """
    names = member_names(path)
    if not set(arrays) <= set(names):
        raise DataError(
            f"{path} holds no statistics: it needs {' and '.join(arrays)}, and has "
            f"{', '.join(names) or 'nothing'}. `rqbench fidelity stats` writes such a file."
        )
    mu, sigma = _checked(path, arrays)
    if _ABOUT not in names:
        is_adm = set(SPATIAL) <= set(names)
        return Statistics(
            mu, sigma, kind="guided-diffusion" if is_adm else "clean-fid or pytorch-fid"
        )
    about = _about(path)
    features = _features(path, len(mu), about) if _FEATURES in names else None
    return Statistics(mu, sigma, about.n, "rqbench", about, features)


def check_fits(
    found: Statistics, path: Path, protocol: FidelityProtocol, extractor: Extractor
) -> None:
    """Refuse statistics of other features than a protocol and its extractor give.

    A file of others says nothing but its width, so that is all that is compared.

    Raises:
        ConfigError: names the clauses that differ.
    """
    if found.dim != extractor.dim:
        raise ConfigError(
            f"{path} holds statistics of {found.dim} features, and {extractor.name} gives "
            f"{extractor.dim}. Choose the protocol that the file was made with."
        )
    if found.about is None:
        return
    told = found.about
    differ = other_features(told.protocol, protocol)
    if not differ and told.weights_sha256 != extractor.weights_sha256:
        differ = [f"weights {told.weights_sha256[:8]} instead of {extractor.weights_sha256[:8]}"]
    if differ:
        raise ConfigError(
            f"{path} was made by the protocol {told.protocol.id}, and {protocol.id} is asked for: "
            f"{'; '.join(differ)}. Make it again by `rqbench fidelity stats` with "
            f"{options_for(protocol)}; or ask for {options_for(told.protocol)}."
        )


def other_features(first: FidelityProtocol, second: FidelityProtocol) -> list[str]:
    """The clauses that give the second other features of 8-bit pictures than the first."""
    return [
        f"{clause} {ours!r} instead of {theirs!r}"
        for clause, ours, theirs in diff(first, second)
        if clause in FeatureProtocol.model_fields and clause not in _FREE
    ]


def _checked(
    path: Path, arrays: tuple[str, str]
) -> tuple[Float64[np.ndarray, " d"], Float64[np.ndarray, "d d"]]:
    mean_name, covariance_name = arrays
    mu, sigma = (map_member(path, name) for name in arrays)
    are_floats = all(np.issubdtype(array.dtype, np.floating) for array in (mu, sigma))
    if mu.ndim != 1 or not mu.size or sigma.shape != 2 * mu.shape or not are_floats:
        raise DataError(
            f"{path}: {mean_name} is {mu.dtype} of the shape {mu.shape} and {covariance_name} "
            f"{sigma.dtype} of {sigma.shape}. Floats of the shapes (d,) and (d, d) are needed: the "
            "mean of the features, and numpy.cov(features, rowvar=False)."
        )
    mean, covariance = mu.astype(np.float64), sigma.astype(np.float64)
    scale = np.abs(covariance).max()
    if not (np.isfinite(mean).all() and np.isfinite(scale)):
        raise DataError(f"{path} holds numbers that are not finite. Make it again.")
    if np.abs(covariance - covariance.T).max() > 1e-5 * scale:
        raise DataError(
            f"{path}: {covariance_name} is not symmetric, so it is no covariance. Make it "
            "again with numpy.cov(features, rowvar=False)."
        )
    return mean, covariance


def _about(path: Path) -> About:
    try:
        values = json.loads(map_member(path, _ABOUT).tobytes())
        if not isinstance(values, dict):
            raise ValueError("no words with their values")
        return parse_config(About, values, str(path))
    except (ConfigError, ValueError) as error:
        raise DataError(
            f"{path}: what it says of itself is not what this version of rqbench writes: {error}\n"
            "Make it again with `rqbench fidelity stats`."
        ) from None


def _features(path: Path, dim: int, about: About) -> FeatureSet:
    features, logits = (map_member(path, name) for name in (_FEATURES, _LOGITS))
    try:
        facts = _FACTS.validate_json(map_member(path, _PICTURES).tobytes(), strict=True)
    except ValidationError as error:
        why = " ".join(line.strip() for line in str(error).splitlines()[1:3])  # the first fault
        raise _unfit(path, f"what it says of its pictures cannot be used ({why})") from None
    if not all(np.issubdtype(array.dtype, np.floating) for array in (features, logits)):
        kinds = f"{features.dtype} and logits of {logits.dtype}"
        raise _unfit(path, f"features of {kinds} are no floats")
    shapes = features.shape, logits.shape[:1], logits.ndim
    if shapes != ((len(facts), dim), (len(facts),), 2):
        raise _unfit(
            path,
            f"features of the shape {features.shape} and logits of {logits.shape} do not belong to "
            f"{len(facts)} pictures and a mean of {dim} features",
        )
    if len(facts) != about.n:
        raise _unfit(path, f"features of {len(facts)} pictures stand beside a mean of {about.n}")
    kept = FeatureSet.of_arrays(features, logits, facts, about.skipped)
    if not kept.is_finite:
        raise _unfit(path, "some features or logits are not finite, so no score could use them")
    return kept


def _unfit(path: Path, why: str) -> DataError:
    return DataError(
        f"{path}: {why}. Make it again with `rqbench fidelity stats --features`, or without: mean "
        "and covariance are enough for the Fréchet distance."
    )


def _packed(value: Any) -> np.ndarray:
    """JSON as bytes, which need no pickle."""
    return np.frombuffer(json.dumps(value).encode(), np.uint8)
