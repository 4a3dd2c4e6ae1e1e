"""Uniform draws for a crop: a function of (seed, index) and of nothing else."""

from collections.abc import Sequence

import torch

from ..seed import derive_seed
from ..uniforms import uniforms


def draws(seed: int, indices: Sequence[int], num_draws: int) -> list[list[float]]:
    """num_draws doubles in [0, 1) for each index."""
    ordinals = torch.arange(num_draws).repeat(len(indices))
    images = torch.tensor(indices, dtype=torch.int64).repeat_interleave(num_draws)
    values = uniforms(derive_seed(seed, "crops"), images, ordinals)
    rows: list[list[float]] = values.view(len(indices), num_draws).tolist()
    return rows


def pick(u: float, count: int) -> int:
    """One of 0 to count - 1, from u in [0, 1)."""
    return int(u * count)
