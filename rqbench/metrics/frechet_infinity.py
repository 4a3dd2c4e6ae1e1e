"""The Fréchet distance extrapolated to infinitely many images.

Source: Chong and Forsyth 2020, arXiv:1911.07023.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from .frechet import Gaussian, frechet_distance, gaussian_of
from .moments import Moments

_SIZES = 15
_SEED = 2020


@dataclass(frozen=True)
class Extrapolated:
    """A distance at infinity and the points whose line leads there.

    Attributes:
        value: where the line through distance over 1 / size meets 1 / size = 0; None where there
            are too few images for a line.
        sizes: images of the first set.
        distances: plain ones, of so many.
        note: what is not extrapolated, or why there is no value; empty otherwise.
    """

    value: float | None
    sizes: list[int]
    distances: list[float]
    note: str = ""


def frechet_at_infinity(
    first: Float[Tensor, "n d"], second: Float[Tensor, "m d"] | Gaussian
) -> Extrapolated:
    """Fit a line through the distances of 15 growing parts of the sets.

    The published method keeps 50,000 reference images whole, whose own bias then stays. Here a
    reference of features shrinks in the same proportion, so that both biases go; one of statistics
    alone is kept whole as published. Parts grow from a tenth of the images (5,000 of 50,000, as
    published) but from no fewer than twice the features: below that the distance is no line in
    1 / size any more. Of fewer than four times the features they grow from half the images.

    Args:
        first: the candidates' features.
        second: the reference's features, or its statistics from `gaussian_of`.

    Returns:
        Seeded: the same for the same features.
    """
    dim = first.shape[1]
    fewest = len(first) if isinstance(second, Gaussian) else min(len(first), len(second))
    share = min(max(0.1, 2 * (dim + 2) / fewest), 0.5)
    if fewest * share < dim + 2:
        needed = f"twice as many images as the {dim:,} features"
        note = f"no distance at infinity: it needs {needed}, and {fewest:,} are too few"
        return Extrapolated(None, [], [], note)
    shares = np.linspace(share, 1, _SIZES)
    references: Iterable[Gaussian]
    if isinstance(second, Gaussian):
        references, note = repeat(second, _SIZES), "the bias of the reference's statistics stays"
    else:
        references, note = _grown(second, shares), ""
    pairs = zip(_grown(first, shares), references, strict=True)
    distances = [frechet_distance(*pair) for pair in pairs]
    sizes = _sizes(len(first), shares)
    value = np.polyfit(1 / np.array(sizes), distances, 1)[1]
    return Extrapolated(float(value), sizes, distances, note)


def _sizes(n: int, shares: NDArray[np.float64]) -> list[int]:
    return [round(n * share) for share in shares]


def _grown(features: Float[Tensor, "n d"], shares: NDArray[np.float64]) -> Iterator[Gaussian]:
    """Normal distributions of more and more of a set, in a random order; each row is read once."""
    order = np.random.default_rng(_SEED).permutation(len(features))
    moments, start = Moments(features.shape[1], features.device), 0
    for size in _sizes(len(features), shares):
        moments.add(features[torch.from_numpy(np.sort(order[start:size]))])
        start = size
        yield gaussian_of(moments)
