"""Error bars: what the spread of independent things says about a number.

Crops of one photograph are not independent, so whole photographs are resampled or left out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

_SEED = 2020
_BLOCK_VALUES = 2**22  # resampled clusters held at once, 32 MiB of indices
_TAIL = 0.025


@dataclass(frozen=True)
class Interval:
    """A number with its 95% interval.

    Attributes:
        value: the number itself, in the unit of what was averaged or scored.
        low, high: the interval; minus and plus infinity where the data say nothing about spread.
        n: values that went into it.
        num_clusters: independent things among them.
        method: how the interval was made, or why there is none.
    """

    value: float
    low: float
    high: float
    n: int
    num_clusters: int
    method: str


def mean_interval(
    values: Sequence[float], clusters: Sequence[str] | None = None, *, repeats: int = 2000
) -> Interval:
    """The mean of all values, and a bootstrap interval that draws whole clusters.

    Every resample draws as many clusters as there are, with replacement, and divides the sum of
    their values by their count. The percentiles are widened as Student's t is against the normal,
    since plain ones are too narrow for few clusters. The draw has a fixed seed.

    Args:
        values: one for each image.
        clusters: the photograph of each value; None where each value stands for itself.
        repeats: resamples.

    Returns:
        With one cluster, or with values that are not finite (the PSNR of identical images), the
        interval runs from minus to plus infinity and `method` says why.

    Raises:
        ValueError: no values, or another number of clusters than of values.

    Source of the widening: Hesterberg 2015, arXiv:1411.5279, "expanded percentile interval".
    """
    array = np.asarray(values, dtype=np.float64)
    members = _number(range(len(array)) if clusters is None else clusters, len(array))
    num_clusters = int(members.max()) + 1
    with np.errstate(invalid="ignore"):  # inf - inf is nan, which is the answer
        value = float(array.mean())
    if not np.isfinite(array).all():
        return _unbounded(value, len(array), num_clusters, "some values are not finite")
    if num_clusters == 1:
        return _unbounded(value, len(array), 1, "one cluster has no spread")
    sums = np.bincount(members, weights=array).astype(np.float64)
    counts = np.bincount(members)
    means = _resampled_means(sums, counts, repeats)
    tail = float(ndtr(_t_quantile(num_clusters) * np.sqrt(num_clusters / (num_clusters - 1))))
    low, high = np.quantile(means, [tail, 1 - tail])
    unit = "values" if clusters is None else "clusters"
    method = f"bootstrap of {num_clusters} {unit}, {repeats} resamples, widened percentiles"
    return Interval(value, float(low), float(high), len(array), num_clusters, method)


def paired_difference(
    values: Sequence[float], against: Sequence[float], clusters: Sequence[str] | None = None
) -> Interval:
    """The mean of value minus against over the same images, with its bootstrap interval.

    Raises:
        ValueError: two systems that were not measured on the same number of images.
    """
    if len(values) != len(against):
        raise ValueError(
            f"{len(values)} values cannot be paired with {len(against)}: "
            "both systems must be measured on the same images."
        )
    with np.errstate(invalid="ignore"):
        difference = np.asarray(values, dtype=np.float64) - np.asarray(against, dtype=np.float64)
    return mean_interval(difference.tolist(), clusters)


def excludes_zero(interval: Interval) -> bool:
    """Whether the whole interval lies on one side of zero."""
    return interval.low > 0 or interval.high < 0


def jackknife_interval(
    score: Callable[[NDArray[np.intp]], float], groups: Sequence[int] | Sequence[str]
) -> Interval:
    """The score of a whole set, and the interval that leaving out one group at a time gives.

    For scores that no mean of per-image values gives, such as a Fréchet distance; the bootstrap
    would repeat images, which such scores take for a smaller set. Student's t with one
    degree of freedom fewer than there are groups. One group gives an infinite interval.

    Args:
        score: gives the score of the images at these ascending indices.
        groups: the group of each image.

    Raises:
        ValueError: no images.

    Source: Efron and Stein 1981, Annals of Statistics 9(3); Kott 2001, Journal of Official
    Statistics 17(4), for whole groups and Student's t.
    """
    members = _number(groups, len(groups))
    num_groups = int(members.max()) + 1
    value = score(np.arange(len(members)))
    if num_groups == 1:
        return _unbounded(value, len(members), 1, "one group has no spread")
    left = np.array([score(np.flatnonzero(members != group)) for group in range(num_groups)])
    variance = (num_groups - 1) / num_groups * np.square(left - left.mean()).sum()
    half = -_t_quantile(num_groups) * float(np.sqrt(variance))
    method = f"jackknife over {num_groups} groups, Student t"
    return Interval(value, value - half, value + half, len(members), num_groups, method)


def _number(labels: Sequence[int] | Sequence[str] | range, count: int) -> NDArray[np.intp]:
    """Labels as integers from 0, in alphabetical order."""
    if count == 0 or len(labels) != count:
        raise ValueError(
            f"{count} values with {len(labels)} cluster names: "
            "there must be at least one value, and one name for each."
        )
    return np.unique(np.asarray(labels), return_inverse=True)[1].astype(np.intp)


def _resampled_means(
    sums: NDArray[np.float64], counts: NDArray[np.intp], repeats: int
) -> NDArray[np.float64]:
    """Ratio of sums under multinomial weights, one for each resample."""
    random = np.random.default_rng(_SEED)
    size = len(sums)
    block = max(1, _BLOCK_VALUES // size)
    means = []
    for start in range(0, repeats, block):
        rows = min(block, repeats - start)
        drawn = random.integers(size, size=(rows, size)) + size * np.arange(rows)[:, None]
        weights = np.bincount(drawn.ravel(), minlength=rows * size).reshape(rows, size)
        means.append((weights @ sums) / (weights @ counts))
    return np.concatenate(means)


def _t_quantile(num_clusters: int) -> float:
    """The lower 2.5% point of Student's t, a negative number."""
    return float(stdtrit(num_clusters - 1, _TAIL))


def _unbounded(value: float, n: int, num_clusters: int, why: str) -> Interval:
    return Interval(value, -np.inf, np.inf, n, num_clusters, f"no interval: {why}")
