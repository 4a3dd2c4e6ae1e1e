"""How far two quantities rise together from place to place, whatever their scales."""

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from scipy.stats import rankdata
from torch import Tensor


def rank_correlation(
    ours: Float[Tensor, "b n"], theirs: Float[Tensor, "b n"]
) -> Float[Tensor, " b"]:
    """Spearman's correlation of each row with its twin: 1 where both have the same order.

    Equal values share the mean of their ranks. NaN where all values of a row are equal.
    """
    ranks = (_ranks(side.cpu().double().numpy()) for side in (ours, theirs))
    first, second = (side - side.mean(axis=1, keepdims=True) for side in ranks)
    with np.errstate(invalid="ignore"):  # 0 / 0 is the answer for equal values
        found = (first * second).sum(axis=1) / np.sqrt(
            np.square(first).sum(axis=1) * np.square(second).sum(axis=1)
        )
    return torch.from_numpy(found)


def _ranks(values: Float[ndarray, "b n"]) -> Float[ndarray, "b n"]:
    """The same terms add up to other last bits in another order, and are equal nevertheless."""
    largest = np.abs(values).max(axis=1, keepdims=True)
    ranks: ndarray = rankdata(np.round(values / np.where(largest > 0, largest, 1), 12), axis=1)
    return ranks
