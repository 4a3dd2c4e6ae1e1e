"""Statistics of a set of pictures, from its features."""

import torch

from ..metrics.extractor import Extractor
from ..metrics.moments import Moments
from .feature_set import FeatureSet
from .protocol import FidelityProtocol
from .statistics_file import About, Statistics

_ROWS = 1024
"""Read at once."""


def make_statistics(
    name: str,
    features: FeatureSet,
    protocol: FidelityProtocol,
    extractor: Extractor,
    keep_features: bool = False,
) -> Statistics:
    """Mean and covariance, and all that a later score has to know of them.

    Args:
        name: of the pictures.
        keep_features: for the scores that need more than mean and covariance.
    """
    about = About(
        pictures=name,
        digest=features.digest,
        n=features.n,
        protocol=protocol,
        protocol_sha256=protocol.sha256,
        extractor=extractor.name,
        weights_sha256=extractor.weights_sha256,
        skipped=tuple(features.skipped),
    )
    moments = moments_of(features)
    return Statistics(
        moments.mean.numpy(), moments.covariance.numpy(), features.n, about=about,
        features=features if keep_features else None,
    )  # fmt: skip


def moments_of(features: FeatureSet) -> Moments:
    """Gathered block by block."""
    moments = Moments(features.dim)
    for block, _ in features.blocks(_ROWS):
        moments.add(torch.from_numpy(block))
    return moments
