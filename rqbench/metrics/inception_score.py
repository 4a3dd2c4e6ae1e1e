"""The Inception score: how sure classes are, picture by picture, and how varied all together."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from rqbench.resampling import LeftOut

from .influence import Clusters, Influence
from .libraries import library

_ROWS = 1024  # logits that are in double precision at once


@dataclass(frozen=True)
class InceptionScore:
    """
    Attributes:
        parts: places of the pictures of each part.
        scores: of each part.
    """

    parts: list[Tensor]
    scores: list[float]

    @property
    def value(self) -> float:
        """Mean over the parts; of fewer pictures it is smaller, of one a part exactly 1."""
        return float(np.mean(self.scores))

    @property
    def splits(self) -> int:
        return len(self.parts)

    @property
    def left_out(self) -> LeftOut:
        """The value without each part in turn.

        Parts are independent draws, so their spread is the value's error, whatever few pictures do
        to each.
        """
        total, count = sum(self.scores), self.splits
        if count == 1:
            return LeftOut(self.value, [], [])
        left = [(total - score) / (count - 1) for score in self.scores]
        return LeftOut(self.value, left, [f"part {place:02d}" for place in range(count)])


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
    parts = list(_parts(order, splits, split_size))
    return InceptionScore(parts, [_of_one(logits[part]) for part in parts])


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


def inception_influence(
    logits: Float[Tensor, "n v"], found: InceptionScore, clusters: Clusters = None
) -> Influence:
    """How much each picture moves the mean over the parts.

    The score of a part is exp of a mean, and the mean of all its classes, from which each picture's
    divergence is taken, is where the sum of divergences is least: to first order it does not move
    them. So a picture moves its part's score by its own divergence times that score. Of parts with
    a few dozen pictures this is too little; their spread tells more.

    Args:
        logits: of each picture.
        found: the score of them.
        clusters: as `Influence` has them.
    """
    values = torch.empty(len(logits), dtype=torch.float64, device=logits.device)
    for part, score in zip(found.parts, found.scores, strict=True):
        divergences = _divergences(logits, part)
        share = len(logits) / (found.splits * len(part))
        values[part] = share * score * (divergences - divergences.mean())
    return Influence(values, clusters=clusters)


def _divergences(logits: Float[Tensor, "n v"], part: Int[Tensor, " m"]) -> Float[Tensor, " m"]:
    """Of the classes of each of a part's pictures from those of all of them, in nats."""
    blocks = torch.split(part, _ROWS)
    sums = torch.stack([logits[block].double().softmax(dim=1).sum(dim=0) for block in blocks])
    overall = (sums.sum(dim=0) / len(part)).clamp(min=torch.finfo(torch.float64).tiny)
    return torch.cat([_divergence(logits[block], overall) for block in blocks])


def _divergence(logits: Float[Tensor, "n v"], overall: Float[Tensor, " v"]) -> Float[Tensor, " n"]:
    """Of each picture's classes from those of all, in nats."""
    log_p = logits.double().log_softmax(dim=1)
    return (log_p.exp() * (log_p - overall.log())).sum(dim=1)
