"""What heavy or light tails of the features add to a corrected Fréchet distance.

The correction knows how the covariance of normal features varies from sample to sample. Where
pictures differ in how far they lie from the mean in all features at once, it varies more. With
features turned and scaled until both covariances are diagonal and one is the identity, z, second
order of perturbation gives a sample's loss of the trace of (S1 S2)^(1/2) as

    sum over i, j of w_ij (E z_i^2 z_j^2 - normal's) / (4 n),    w_ij = s_i s_j / (s_i + s_j)

with s the singular values; twice that is the distance's. Within a sample the spread of a
picture's squared length is 1 - d / n of the true one, since a far picture widens the covariance
that it is measured by.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from .frechet_error import Transport

_ROWS = 1024  # features that are in double precision at once
_SHRINKAGE = 1.5  # power of 1 - d / n: of 1, 1.5 and 2 the one that erred least in simulations


def tail_bias(features: Float[Tensor, "n d"], map_: Transport) -> float:
    """What the tails of one set add to the distance; near zero for normal features.

    Args:
        features: of the set.
        map_: from it to the other, by `transports`.
    """
    n, freedom, shared = len(features), len(features) - 1.0, map_.shared
    weights = torch.outer(shared, shared) / (shared[:, None] + shared)
    total = shared.new_zeros(())
    for rows in torch.split(features, _ROWS):
        squares = ((rows.double() - map_.mean) @ map_.factor).square() / shared
        total += ((squares @ weights) * squares).sum()
    # In a sample of normal features the whitened ones are entries of a random rotation
    normal = (weights.sum() + 2 * weights.trace()) * freedom / (freedom + 2)
    excess = float(total * n / freedom**2 - normal)
    shrinkage: float = (1 - len(shared) / freedom) ** _SHRINKAGE
    return excess / (2 * n * shrinkage)
