"""Whether samples are copies: how near they lie to training crops, held-out images beside them.

Near by an extractor's features, as a viewer might see it, or by codes, as a prior memorises: even a
perfect copy of codes decodes to what the tokenizer's losses left, some way from the crop itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit
from torch import Tensor

from rqbench.statistics import Interval

_BLOCK = 1024  # images, and crops, whose products are held at once
_FEW = 16  # images whose codes are compared with a block's at once
_CANDIDATES = 8  # crops an image whose distance is taken exactly
_TAIL = 0.025


@dataclass(frozen=True)
class Nearest:
    """The nearest training crop of each of n images.

    Attributes:
        distances: Float[n], double precision.
        crops: Int[n], which crop; the first of equally near ones.
    """

    distances: Tensor
    crops: Tensor


def nearest_features(images: Float[Tensor, "n d"], crops: Float[Tensor, "m d"]) -> Nearest:
    """Find each image's nearest crop by features, Euclidean, in blocks.

    A matrix product finds a few candidates; being a difference of large numbers, it cannot tell a
    copy from a near copy, so their distances are taken again coordinate by coordinate.
    """
    parts = [_nearest(part, crops) for part in torch.split(images.float(), _BLOCK)]
    distances, indices = zip(*parts, strict=True)
    return Nearest(torch.cat(distances), torch.cat(indices))


def _nearest(images: Tensor, crops: Tensor) -> tuple[Tensor, Tensor]:
    candidates = _candidates(images, crops)
    distances = torch.stack(
        [
            (image.double() - crops[near].double()).square().sum(dim=1).sqrt()
            for image, near in zip(images, candidates, strict=True)
        ]
    )
    first = distances.argmin(dim=1, keepdim=True)  # candidates ascend: the first of equals
    return distances.gather(1, first)[:, 0], candidates.gather(1, first)[:, 0]


def _candidates(images: Tensor, crops: Tensor) -> Tensor:
    """Indices of the nearest few crops of each image, ascending."""
    best = images.new_empty(len(images), 0)
    indices = torch.empty(len(images), 0, dtype=torch.int64)
    for start in range(0, len(crops), _BLOCK):
        block = crops[start : start + _BLOCK].float()
        # Without the image's own square, which is the same for all crops
        squares = block.square().sum(dim=1) - 2 * images @ block.T
        places = torch.arange(start, start + len(block)).expand(len(images), -1)
        best, indices = torch.cat([best, squares], dim=1), torch.cat([indices, places], dim=1)
        best, kept = best.topk(min(_CANDIDATES, best.shape[1]), largest=False)
        indices = indices.gather(1, kept)
    return indices.sort(dim=1).values


def nearest_codes(images: Int[Tensor, "n c"], crops: Int[Tensor, "m c"]) -> Nearest:
    """Find each image's nearest crop by the share of its c codes that differ, place by place."""
    parts = [_fewest_differences(part, crops) for part in torch.split(images, _FEW)]
    counts, indices = zip(*parts, strict=True)
    return Nearest(torch.cat(counts).cpu().double() / images.shape[1], torch.cat(indices).cpu())


def _fewest_differences(images: Tensor, crops: Tensor) -> tuple[Tensor, Tensor]:
    """Of each image the least count, and the first crop that has it; one block at a time."""
    least = torch.full_like(images[:, 0], images.shape[1] + 1)
    nearest = torch.zeros_like(least)
    for start in range(0, len(crops), _BLOCK):
        block = crops[start : start + _BLOCK]
        counts, places = (images[:, None] != block).sum(dim=2).min(dim=1)
        fewer = counts < least  # an equal count keeps the crop that came before
        least = torch.where(fewer, counts, least)
        nearest = torch.where(fewer, places + start, nearest)
    return least, nearest


def nearer_share(
    samples: Float[Tensor, " n"], held_out: Float[Tensor, " m"], clusters: Sequence[str]
) -> Interval:
    """The probability that a sample lies nearer to training than a held-out image does.

    Over all pairs, ties half: 0.5 where samples are as far from training as new images, 1 where all
    of them are copies.

    Args:
        samples, held_out: distances to the nearest training crop.
        clusters: the photograph of each held-out image.

    Returns:
        The interval adds the variance of the samples, which are independent, and that of whole
        photographs; Student's t by the smaller number of independent things.

    Source: DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44(3); Obuchowski 1997, Biometrics
    53(2), for clusters.
    """
    ours, theirs = samples.double().numpy(), held_out.double().numpy()
    wins = 1 - _rank(ours, theirs)  # of each sample: the share of held-out images farther away
    losses = _rank(theirs, ours)  # of each held-out image: the share of samples nearer
    value = float(wins.mean())
    members = np.unique(np.asarray(clusters), return_inverse=True)[1]
    num_clusters = int(members.max()) + 1
    fewest = min(len(wins), num_clusters)
    if fewest == 1:
        why = "no interval: one cluster has no spread"
        return Interval(value, -np.inf, np.inf, len(wins), 1, why)
    sums = np.bincount(members, weights=losses - value)
    between = num_clusters / (num_clusters - 1) * np.square(sums).sum() / len(losses) ** 2
    half = -float(stdtrit(fewest - 1, _TAIL)) * np.sqrt(wins.var(ddof=1) / len(wins) + between)
    method = f"placements of {len(wins)} samples and {num_clusters} clusters, Student t"
    low, high = max(value - float(half), 0.0), min(value + float(half), 1.0)
    return Interval(value, low, high, len(wins), num_clusters, method)


def copies_share(samples: Float[Tensor, " n"], held_out: Float[Tensor, " m"]) -> Interval:
    """The share of samples nearer to training than every held-out image.

    Of m held-out images like the samples, one sample in m + 1 is so by chance. Wilson's interval
    takes the nearest held-out image as given.

    Source: Wilson 1927, Journal of the American Statistical Association 22(158).
    """
    n, z = len(samples), -float(ndtri(_TAIL))
    share = float((samples < held_out.min()).double().mean())
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * float(np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)))
    low = max(centre - half, 0.0) if share > 0 else 0.0  # rounding can leave it a hair above
    high = min(centre + half, 1.0) if share < 1 else 1.0
    return Interval(share, low, high, n, n, f"Wilson, {n} samples")


def _rank(values: NDArray[np.float64], among: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each value, the share of the others below it; equal ones count half."""
    ordered = np.sort(among)
    below = np.searchsorted(ordered, values, side="left")
    up_to = np.searchsorted(ordered, values, side="right")
    return (below + up_to) / (2 * len(among))
