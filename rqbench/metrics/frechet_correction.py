"""The Fréchet distance without the part that the number of images makes.

Sample covariances spread more than true ones, so that two draws of one distribution are at a
distance that falls as 1/n. The mean's part of it is known exactly: tr S / n of each side. The
covariances' part is not an expansion in 1/n but holds for any d / n below 1 as both grow.

With psi1, psi2 the maps from the true to the sample spectrum of each side (Marchenko and Pastur),
the trace wanted is a contour integral of the root of z over the true eigenvalues. Setting
u = z / (psi1 psi2) makes it one over the sample eigenvalues l of S1 S2; psi1 and psi2 vanish where
sum l / (l - x) equals n1 and n2, and the root's cut between these zeros gives an integral with
weight 1 / ((N - n1)(n2 - N))^(1/2), which Chebyshev nodes integrate. In 1 / N in place of N the
integrand stays smooth up to N = infinity, so that one formula serves a side known exactly too:

    tr (Sigma1 Sigma2)^(1/2) = mean over nodes of 2 N sum_j (l_j^(1/2) - x_j(N)^(1/2))

where x_j(N) lies in the gap below l_j and solves sum_i l_i / (l_i - x) = N, and the nodes 1 / N are
Chebyshev's between 1 / n1 and 1 / n2; n are degrees of freedom. For n1 = n2 it is the closed form
of Tiomoko and Couillet 2019, "Random matrix-improved estimation of the Wasserstein distance between
two centered Gaussian distributions" (EUSIPCO).
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from .frechet import FrechetParts, Gaussian

_NODES = 8
_HALVINGS = 60  # of a gap: more than the digits of double precision
_BLOCK_VALUES = 2**17  # values of the d x d table held at once: 1 MiB, which a cache holds


@dataclass(frozen=True)
class Corrected:
    """A corrected distance, or why there is none.

    Attributes:
        value: unbiased up to terms that vanish as d and n grow; below zero by chance where the two
            distributions are equal. None where it does not apply.
        note: why it does not apply, or what it leaves uncorrected; empty otherwise.
    """

    value: float | None
    note: str = ""


def corrected_distance(first: Gaussian, second: Gaussian, parts: FrechetParts) -> Corrected:
    """The distance between the distributions that two samples were drawn from.

    Args:
        first, second: fitted to samples; one without a count is taken to be exact.
        parts: `frechet_parts` of the two.
    """
    too_few = [side.n for side in (first, second) if side.has_too_few and side.n is not None]
    if too_few:
        return Corrected(
            None,
            f"no corrected distance: it needs more images than the {len(first.mean):,} features, "
            f"and {min(too_few):,} are too few",
        )
    means = parts.means - sum(
        trace / side.n
        for trace, side in zip(parts.traces, (first, second), strict=True)
        if side.n is not None
    )
    freedoms = [math.inf if side.n is None else side.n - 1.0 for side in (first, second)]
    shared = corrected_shared(parts.shared, *freedoms) + _real_share(parts.shared, *freedoms)
    value = means + sum(parts.traces) - 2 * shared
    is_known = first.n is not None and second.n is not None
    return Corrected(value, "" if is_known else "statistics without a count are taken as exact")


def corrected_shared(
    singular: Float[Tensor, " r"], first_freedom: float, second_freedom: float
) -> float:
    """The trace of (Sigma1 Sigma2)^(1/2), from the singular values of two samples' roots.

    Args:
        singular: as `FrechetParts.shared`.
        first_freedom, second_freedom: n - 1 of each sample, more than r; infinite where a side is
            known exactly.
    """
    inverses = 1 / first_freedom, 1 / second_freedom
    if inverses == (0, 0):
        return float(singular.sum())
    ordered = singular[singular > 0].sort().values
    centre, half = sum(inverses) / 2, (inverses[0] - inverses[1]) / 2
    nodes = _NODES if half else 1
    total = 0.0
    for node in range(nodes):
        inverse = centre + half * math.cos((2 * node + 1) * math.pi / (2 * nodes))
        total += 2 / inverse * float(root_gaps(ordered, 1 / inverse).sum())
    return total / nodes


def _real_share(
    singular: Float[Tensor, " r"], first_freedom: float, second_freedom: float
) -> float:
    """What is left of the bias where features are real numbers, to first order in 1 / n.

    The formula above holds to leading order, where real and complex features are alike. In second
    order of perturbation, a sample's diagonal entries l_i (1 + e) vary by 2 / n where complex ones
    do by 1 / n, and the root's curvature -1/8 makes of the difference a loss of l_i^(1/2) / (8 n).
    """
    return float(singular.sum()) * (1 / first_freedom + 1 / second_freedom) / 8


def root_gaps(singular: Float[Tensor, " r"], freedom: float) -> Float[Tensor, " r"]:
    """By how much the root of each x of the formula lies below the singular value over it.

    What is halved is the distance below the eigenvalue, since taking two near numbers from each
    other would leave no digits where n is large.

    Args:
        singular: ascending, above zero.
        freedom: N of the formula.
    """
    values = singular.square()
    gaps = torch.diff(values, prepend=values.new_zeros(1))
    rows = max(1, _BLOCK_VALUES // len(values))
    blocks = zip(torch.split(values, rows), torch.split(gaps, rows), strict=True)
    below = torch.cat([_distance_below(values, upper, gap, freedom) for upper, gap in blocks])
    return below / (singular + (values - below).clamp(min=0).sqrt())


def _distance_below(
    values: Float[Tensor, " r"],
    upper: Float[Tensor, " j"],
    gaps: Float[Tensor, " j"],
    freedom: float,
) -> Float[Tensor, " j"]:
    """The solution of sum l / (l - upper + distance) = freedom in each gap, by halving."""
    apart = values - upper[:, None]
    low, high = torch.zeros_like(gaps), torch.ones_like(gaps)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        is_near = (values / (apart + (middle * gaps)[:, None])).sum(dim=1) > freedom
        low, high = torch.where(is_near, middle, low), torch.where(is_near, high, middle)
    return (low + high) / 2 * gaps
