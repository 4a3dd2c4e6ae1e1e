"""The Inception score: how sure classes are, picture by picture, and how varied all together."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from .influence import Clusters, Influence
from .libraries import library

_ROWS = 1024  # logits that are in double precision at once


@dataclass(frozen=True)
class InceptionScore:
    """
    Attributes:
        value: mean over the parts; of fewer pictures it is smaller, of one a part exactly 1.
        splits: parts.
    """

    value: float
    splits: int


def inception_score(
    logits: Float[Tensor, "n v"],
    splits: int = 10,
    split_size: int | None = None,
    seed: int | None = 2020,
) -> InceptionScore:
    """The mean over parts of exp of the mean divergence of a picture's classes from the part's.

    Args:
        logits: of each picture; classes are their softmax.
        splits: parts; as many as there are pictures where those are fewer.
        split_size: pictures in a part, which decides the parts where it is given; the last part
            takes the rest.
        seed: of the shuffle before, the same as torch-fidelity's; None to part by place.

    Source: Salimans et al. 2016, arXiv:1606.03498.
    """
    n = len(logits)
    order = np.arange(n) if seed is None else np.random.RandomState(seed).permutation(n)
    scores = [_of_one(logits[part]) for part in _parts(order, splits, split_size)]
    return InceptionScore(float(np.mean(scores)), len(scores))


def _parts(order: np.ndarray, splits: int, split_size: int | None) -> Iterator[Tensor]:
    n = len(order)
    count = min(splits, n) if split_size is None else -(-n // split_size)
    for part in range(count):
        ends = (part * n // count, (part + 1) * n // count)
        if split_size is not None:
            ends = (part * split_size, (part + 1) * split_size)
        yield torch.from_numpy(order[slice(*ends)])


def _of_one(logits: Float[Tensor, "n v"]) -> float:
    score = library("torch_fidelity.metric_isc").isc_features_to_metric
    return float(score(logits, splits=1, shuffle=False)["inception_score_mean"])


def inception_influence(logits: Float[Tensor, "n v"], clusters: Clusters = None) -> Influence:
    """How much each picture moves the score of the whole set.

    The score is exp of a mean, and the mean of all classes, from which each picture's divergence is
    taken, is where the sum of divergences is least: to first order it does not move them. So a
    picture moves the score by its own divergence times the score.

    Args:
        logits: of each picture.
        clusters: as `Influence` has them.
    """
    blocks = torch.split(logits, _ROWS)
    sums = torch.stack([block.double().softmax(dim=1).sum(dim=0) for block in blocks])
    overall = (sums.sum(dim=0) / len(logits)).clamp(min=torch.finfo(torch.float64).tiny)
    divergences = torch.cat([_divergence(block, overall) for block in blocks])
    return Influence(divergences * float(divergences.mean().exp()), clusters=clusters)


def _divergence(logits: Float[Tensor, "n v"], overall: Float[Tensor, " v"]) -> Float[Tensor, " n"]:
    """Of each picture's classes from those of all, in nats."""
    log_p = logits.double().log_softmax(dim=1)
    return (log_p.exp() * (log_p - overall.log())).sum(dim=1)
