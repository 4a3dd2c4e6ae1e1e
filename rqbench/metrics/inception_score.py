"""The Inception score, and how much each picture moves it.

Source: Salimans et al. 2016, arXiv:1606.03498; splits as torch-fidelity makes them.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from .influence import Influence


@dataclass(frozen=True)
class InceptionScore:
    """A score of all pictures in one split, and what moves it.

    Attributes:
        value: exp of the mean divergence of a picture's classes from those of all.
        bias: what having only so many pictures adds to it on average; mostly below zero. Each of s
            splits has s times this bias, and the published mean over splits with it.
        influence: of each picture.
    """

    value: float
    bias: float
    influence: Influence


def inception_score(
    logits: Float[Tensor, "n v"], splits: int, seed: int, is_shuffled: bool = True
) -> float:
    """The mean of the scores of consecutive parts of the pictures.

    Args:
        logits: of the classes.
        splits: how many parts; each should show every class many times.
        seed: of the order.
        is_shuffled: whether there is such an order; files sorted by class need it.
    """
    if is_shuffled:
        order = np.random.RandomState(seed).permutation(len(logits))
        logits = logits[torch.from_numpy(order)]
    bounds = [part * len(logits) // splits for part in range(splits + 1)]
    parts = [logits[start:end] for start, end in pairwise(bounds)]
    return float(np.mean([float(_divergence(part).mean().exp()) for part in parts]))


def inception_influence(logits: Float[Tensor, "n v"]) -> InceptionScore:
    """The score of all pictures in one split.

    A picture moves it by its own divergence alone: what it does to the mean of the classes has no
    effect in first order, since that mean is where the sum of divergences is smallest. In second
    order it has, and lowers the exponent by half of each class's variance over its mean, over n;
    that exp is convex gives a little of this back.
    """
    divergence = _divergence(logits)
    value = divergence.mean().exp()
    classes = logits.double().softmax(dim=1)
    spread = classes.var(dim=0) / classes.mean(dim=0).clamp(min=torch.finfo(torch.float64).tiny)
    bias = float(value * (divergence.var() - spread.sum())) / (2 * len(logits))
    return InceptionScore(float(value), bias, Influence(value * divergence))


def _divergence(logits: Float[Tensor, "n v"]) -> Float[Tensor, " n"]:
    """Of each picture's classes from the mean of all, in nats."""
    logs = logits.double().log_softmax(dim=1)
    classes = logs.exp()
    return (classes * (logs - classes.mean(dim=0).log())).sum(dim=1)
