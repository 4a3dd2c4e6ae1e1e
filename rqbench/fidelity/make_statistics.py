"""Statistics of a set of pictures, from its features."""

import numpy as np
from jaxtyping import Float64

from ..metrics.extractor import Extractor
from .feature_set import FeatureSet
from .protocol import FidelityProtocol
from .statistics_file import About, Statistics

_ROWS = 1024
"""That are in double precision at once."""


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
    )
    kept = features if keep_features else None
    return Statistics(*mean_and_covariance(features), features.n, about=about, features=kept)


def mean_and_covariance(
    features: FeatureSet,
) -> tuple[Float64[np.ndarray, " d"], Float64[np.ndarray, "d d"]]:
    """In two passes, so that features far from zero lose no digits; unbiased (n - 1)."""
    blocks = (block.astype(np.float64) for block, _ in features.blocks(_ROWS))
    mean = sum(block.sum(axis=0) for block in blocks) / features.n
    centred = (block.astype(np.float64) - mean for block, _ in features.blocks(_ROWS))
    scatter = sum(block.T @ block for block in centred)
    return mean, scatter / (features.n - 1)
