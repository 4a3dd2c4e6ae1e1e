"""How much to add to the counts of symbols, before those that never came have a price.

Adding a half (Krichevsky and Trofimov 1981) suits two symbols that came often. With thousands of
symbols, most of which never came, it gives these far too much; with few counts of many even ones it
trusts the counts too much. So the amount is the one under which the counts foretell each other
best: each symbol that came is priced by the others, as if it had been left out.

Axes: k symbols, a amounts that are tried.
"""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

LARGEST = 1e4  # what is added to each symbol; the counts hardly matter any more
NUM_TRIED = 400
_EQUAL = 1e-9  # nats a symbol; closer ones differ by rounding alone


def smoothed_bits(counts: Int[Tensor, " k"]) -> Float[Tensor, " k"]:
    """Minus log2 of (count + amount) / (all counts + k amount)."""
    smoothed = counts.double() + best_amount(counts)
    return -torch.log2(smoothed / smoothed.sum())


def best_amount(counts: Int[Tensor, " k"]) -> float:
    """Of amounts from 1 / k (one count in all, so that nothing is impossible) to 10000, the one
    with the highest likelihood of the counts, each left out in turn; of equal ones the largest,
    which is nearest to knowing nothing."""
    tried = torch.logspace(
        -math.log10(len(counts)), math.log10(LARGEST), NUM_TRIED, dtype=torch.float64
    )
    found = leave_one_out(counts, tried)
    best = found >= found.max() - _EQUAL * int(counts.sum())
    return float(tried[best].max())


def leave_one_out(counts: Int[Tensor, " k"], amounts: Float[Tensor, " a"]) -> Float[Tensor, " a"]:
    """Log-likelihood of all that was counted, in nats, where each was priced by the others."""
    times = counts.bincount()  # how many symbols came 0, 1, 2, ... times
    sizes = times.nonzero()[:, 0]
    sizes = sizes[sizes > 0]
    others = sizes - 1 + amounts[:, None]
    total = counts.sum() - 1 + len(counts) * amounts
    found: Tensor = sizes * times[sizes] * (others.log() - total[:, None].log())
    return found.sum(dim=1)
