"""The kernel distance as published: the mean over random subsets of both sets."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from .libraries import library


@dataclass(frozen=True)
class KernelDistance:
    """
    Attributes:
        value: mean over the subsets; below zero by chance where the sets are alike.
        subsets, subset_size: what was taken.
    """

    value: float
    subsets: int
    subset_size: int


def kernel_distance(
    first: Float[Tensor, "n d"],
    second: Float[Tensor, "m d"],
    subsets: int = 100,
    subset_size: int = 1000,
    seed: int = 2020,
) -> KernelDistance:
    """Unbiased squared maximum mean discrepancy under the kernel (x.y / d + 1)^3.

    The subsets are those that torch-fidelity draws with this seed, one at a time in double
    precision: in single precision the kernel's cubes differ between versions of NumPy.

    Args:
        first, second: torch-fidelity's two inputs, the pictures to judge as a rule before the
            reference. It draws from them in turn, so exchanging them gives other subsets.
        subset_size: of the smaller set all, where that has fewer.

    Source: Bińkowski et al. 2018, arXiv:1801.01401.
    """
    size = min(subset_size, len(first), len(second))
    discrepancy = library("torch_fidelity.metric_kid").kernel_mmd
    random = np.random.RandomState(seed)
    takes_all = size == len(first) == len(second)
    found = []
    for _ in range(1 if takes_all else subsets):
        drawn = (_drawn(features, size, random) for features in (first, second))
        found.append(discrepancy(*drawn, kid_kernel="poly"))
    return KernelDistance(float(np.mean(found)), len(found), size)


def _drawn(
    features: Float[Tensor, "n d"], size: int, random: np.random.RandomState
) -> Float[np.ndarray, "size d"]:
    rows = torch.from_numpy(random.choice(len(features), size, replace=False))
    drawn: Float[np.ndarray, "size d"] = features[rows].double().cpu().numpy()
    return drawn
