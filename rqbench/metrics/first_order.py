"""What a score becomes without a group of pictures, from the influences of its pictures."""

from collections.abc import Sequence

import numpy as np
import torch

from rqbench.resampling import LeftOut

from .influence import Influence


def first_order(value: float, influence: Influence, labels: Sequence[str]) -> LeftOut:
    """The score without each group in turn, up to second order in a group's share.

    Where leaving a group out would take a decomposition of large matrices, and would change the
    bias that the number of pictures makes.

    Args:
        value: the score of all.
        influence: how much each picture moves it.
        labels: the group of each picture.
    """
    names, places = np.unique(labels, return_inverse=True)
    if len(names) == 1:
        return LeftOut(value, [], [])
    groups = torch.from_numpy(places)
    centred = (influence.values - influence.values.mean()).cpu()
    sums = centred.new_zeros(len(names)).index_add_(0, groups, centred)
    left = len(labels) - groups.bincount()  # of all centred values the sum is zero
    return LeftOut(value, (value - sums / left).tolist(), names.tolist())
