"""The arithmetic of a codebook that learns by moving average: counts, sums, restarts, a start.

Source: van den Oord et al. 2017, arXiv:1711.00937, appendix A.1, for the averages; Lee et al. 2022,
arXiv:2203.01941, for restarts. All of it in float32.
"""

import math
from typing import Literal

import torch
from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor

from rqbench.api import Config

from .nearest import nearest

EPSILON = 1e-5
START_ROUNDS = 10
NOISE_SHARE = 0.01
NOISE_OF_TILES = 0.01
"""Over the root of the width: the most that the published noise adds to an axis."""


class MovingAverage(Config):
    """How a codebook learns from the vectors that chose its codes."""

    decay: float = Field(0.99, ge=0, lt=1, description="what an optimizer step keeps of the past")
    restart_below: float = Field(
        0.25, ge=0, description="a code with a smaller average count starts anew; 0: never"
    )
    restart_rule: Literal["share", "count"] = Field(
        "share",
        description="restart_below is a share of the mean count, whatever the batch; or, as "
        "published with 1.0, a count, which reseeds nearly all codes where batches are small",
    )
    spares: Literal["distinct", "tiled"] = Field(
        "distinct",
        description="which vectors idle codes get: none twice before all came, and noise on the "
        "second; or, as published, all repeated until they suffice, with noise on each",
    )
    start: Literal["clusters", "random"] = Field(
        "clusters",
        description="of the vectors: clusters of the first batch; or, as published, random ones "
        "that count nothing, of which restarts replace nearly all after the first batch",
    )


def tally(
    vectors: Float[Tensor, "n e"], codes: Int[Tensor, " n"], weights: Float[Tensor, " n"], size: int
) -> tuple[Float[Tensor, " k"], Float[Tensor, "k e"]]:
    """How often each of `size` codes was chosen, and the sum of the vectors that chose it."""
    counts = vectors.new_zeros(size).index_add_(0, codes, weights)
    sums = vectors.new_zeros(size, vectors.shape[1])
    return counts, sums.index_add_(0, codes, vectors * weights[:, None])


def smoothed_means(counts: Float[Tensor, " k"], sums: Float[Tensor, "k e"]) -> Float[Tensor, "k e"]:
    """Sum over count, the counts smoothed so that none is zero and their total stays."""
    total = counts.sum()
    smooth = total * (counts + EPSILON) / (total + len(counts) * EPSILON)
    return sums / smooth[:, None]


def restart(
    counts: Float[Tensor, " k"],
    sums: Float[Tensor, "k e"],
    spare: Float[Tensor, "k e"],
    average: MovingAverage,
) -> tuple[Float[Tensor, " k"], Float[Tensor, "k e"]]:
    """Counts and sums in which each code below the threshold stands on its spare vector.

    It gets the threshold as its count: one more step without use, and it starts anew again.
    """
    threshold = counts.new_tensor(average.restart_below)
    if average.restart_rule == "share":
        threshold = threshold * counts.mean()
    idle = counts < threshold
    return (
        torch.where(idle, threshold, counts),
        torch.where(idle[:, None], spare * threshold, sums),
    )


def pick(
    pool: Float[Tensor, "n e"], weights: Float[Tensor, " n"], number: int
) -> Float[Tensor, "m e"]:
    """`number` random vectors of the pool, those of weight 1 before those of weight 0.

    No vector comes twice while another has not come; when all have, repetitions get noise of one
    hundredth of the standard deviation of each axis, lest two codes be the same.
    """
    order = (torch.rand_like(weights) + weights).argsort(descending=True)
    rows = order.repeat(math.ceil(number / len(pool)))[:number]
    chosen = pool[rows]
    if number > len(pool):
        repeated = chosen[len(pool) :]
        noise = torch.randn_like(repeated) * NOISE_SHARE * pool.std(dim=0, correction=0)
        chosen = torch.cat([chosen[: len(pool)], repeated + noise])
    return chosen


def pick_from_tiles(pool: Float[Tensor, "n e"], number: int) -> Float[Tensor, "m e"]:
    """`number` random vectors of the pool as published: a pool that is too small is repeated whole,
    and then each of its vectors gets noise, of which no part is negative.

    Source: the published code of Lee et al. 2022, arXiv:2203.01941.
    """
    if len(pool) < number:
        pool = pool.repeat(math.ceil(number / len(pool)), 1)
        pool = pool + torch.rand_like(pool) * (NOISE_OF_TILES / math.sqrt(pool.shape[1]))
    return pool[torch.randperm(len(pool), device=pool.device)[:number]]


def starting_vectors(
    vectors: Float[Tensor, "n e"], weights: Float[Tensor, " n"], size: int
) -> Float[Tensor, "k e"]:
    """A first codebook for these vectors: random ones of them, then a few rounds of k-means."""
    codebook = pick(vectors, weights, size)
    for _ in range(START_ROUNDS):
        counts, sums = tally(vectors, nearest(vectors, codebook), weights, size)
        means = sums / counts.clamp(min=1)[:, None]
        codebook = torch.where(counts[:, None] > 0, means, codebook)
    return codebook
