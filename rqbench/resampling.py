"""What images say about a number: the error of a mean, and of a score that is no mean.

Crops of one photograph are not independent, so whole photographs are resampled or left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .statistics import UNKNOWN, ErrorBar, Interval

_SEED = 2020
_REPEATS = 2000
_BLOCK_VALUES = 2**22  # resampled clusters held at once, 32 MiB of indices


def bootstrap_error(values: Sequence[float], clusters: Sequence[str] | None = None) -> ErrorBar:
    """The error of the mean of all values, by a bootstrap that draws whole clusters.

    Every resample draws as many clusters as there are, with replacement, and divides the sum of
    their values by their count. The standard deviation of the resamples, times the root of
    c / (c - 1) that corrects it for few clusters, is the standard error; Student's t has c - 1
    degrees of freedom. The draw has a fixed seed.

    With nine equal clusters the interval covers 95% of truths where clusters vary normally, 93% or
    87% where their skewness is 1.3 or 3.7, and 93% where one cluster holds two fifths of all
    values. The difference of two equal systems has no skewness.

    Args:
        values: one for each image.
        clusters: the photograph of each value; None where each value stands for itself.

    Returns:
        Unknown for one cluster, or for values that are not finite (the PSNR of identical images).

    Raises:
        ValueError: no values, or another number of clusters than of values.

    Source: Hesterberg 2015, arXiv:1411.5279, for the correction and Student's t.
    """
    array = np.asarray(values, dtype=np.float64)
    members = _number(range(len(array)) if clusters is None else clusters, len(array))
    size = int(members.max()) + 1
    if size == 1 or not np.isfinite(array).all():
        return UNKNOWN
    # shifted, so that equal values have no rounding error for a spread
    means = resampled_means(array - array[0], clusters)
    return ErrorBar(float(means.std() * np.sqrt(size / (size - 1))), float(size - 1))


def resampled_means(
    values: Sequence[float] | NDArray[np.float64], clusters: Sequence[str] | None = None
) -> NDArray[np.float64]:
    """The mean of all values in each resample of `bootstrap_error`.

    The draws are the same for all values of the same clusters, so what is computed from several
    such means is computed from the same images.
    """
    members = _number(range(len(values)) if clusters is None else clusters, len(values))
    sums = np.bincount(members, weights=values).astype(np.float64)
    return _resampled_means(sums, np.bincount(members))


def mean_interval(values: Sequence[float], clusters: Sequence[str] | None = None) -> Interval:
    """The mean of all values with the interval of `bootstrap_error`."""
    error = bootstrap_error(values, clusters)
    with np.errstate(invalid="ignore"):  # inf - inf is nan, which is the answer
        value = float(np.mean(values))
    size = len(values) if clusters is None else len(set(clusters))
    if np.isfinite(error.standard_error):
        method = f"bootstrap of {size} {'values' if clusters is None else 'clusters'}, Student t"
    elif size == 1:
        method = "no interval: one cluster has no spread"
    else:
        method = "no interval: some values are not finite"
    return Interval(value, *error.interval(value), len(values), size, method)


@dataclass(frozen=True)
class LeftOut:
    """A score of a whole set, and what it becomes when each group in turn is left out.

    Attributes:
        value: the score of all.
        replicates: the score without each of the groups; empty where there is only one group.
        groups: their names, in the same order.
    """

    value: float
    replicates: list[float]
    groups: list[str]


def leave_out(score: Callable[[NDArray[np.intp]], float], groups: Sequence[str]) -> LeftOut:
    """Score a set as a whole and without each group, for `jackknife_error`.

    For scores that no mean of per-image values gives, such as a Fréchet distance; the bootstrap
    would repeat images, which such scores take for a smaller set.

    Args:
        score: gives the score of the images at these ascending indices.
        groups: the group of each image.

    Raises:
        ValueError: no images.
    """
    members, names = _number(groups, len(groups)), sorted(set(groups))
    value = score(np.arange(len(members)))
    if len(names) == 1:
        return LeftOut(value, [], [])
    left = [score(np.flatnonzero(members != group)) for group in range(len(names))]
    return LeftOut(value, left, names)


def jackknife_error(replicates: Sequence[float]) -> ErrorBar:
    """The error of a score of a whole set, from its values with one group at a time left out.

    Source: Efron and Stein 1981, Annals of Statistics 9(3); Kott 2001, Journal of Official
    Statistics 17(4), for whole groups and Student's t.
    """
    left, size = np.asarray(replicates, dtype=np.float64), len(replicates)
    if size < 2 or not np.isfinite(left).all():
        return UNKNOWN
    variance = (size - 1) / size * np.square(left - left.mean()).sum()
    return ErrorBar(float(np.sqrt(variance)), float(size - 1))


def _number(labels: Sequence[str] | range, count: int) -> NDArray[np.intp]:
    """Labels as integers from 0, in alphabetical order."""
    if count == 0 or len(labels) != count:
        raise ValueError(
            f"{count} values with {len(labels)} cluster names: "
            "there must be at least one value, and one name for each."
        )
    return np.unique(np.asarray(labels), return_inverse=True)[1].astype(np.intp)


def _resampled_means(sums: NDArray[np.float64], counts: NDArray[np.intp]) -> NDArray[np.float64]:
    """Ratio of sums, one for each resample."""
    block = max(1, _BLOCK_VALUES // len(sums))
    parts = []
    for start in range(0, _REPEATS, block):
        times = _times_drawn(len(sums), start, min(block, _REPEATS - start))
        parts.append((times @ sums) / (times @ counts))
    return np.concatenate(parts)


@lru_cache(maxsize=2)  # one table of a report asks for the same draws again and again
def _times_drawn(size: int, start: int, rows: int) -> NDArray[np.float64]:
    """How often each of `size` clusters is drawn in each of some resamples."""
    random = np.random.default_rng((_SEED, start))
    drawn = random.integers(size, size=(rows, size)) + size * np.arange(rows)[:, None]
    times = np.bincount(drawn.ravel(), minlength=rows * size)
    return times.reshape(rows, size).astype(np.float64)
