"""The published update of a codebook by moving average, which RQ-VAE and DQ-VAE share."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class Table:
    """A codebook without its padding row, and the averages behind it."""

    vectors: Tensor
    counts: Tensor
    sums: Tensor

    def update(self, vectors: Tensor, codes: Tensor, decay: float = 0.99) -> None:
        """With n vectors, n e, and the codes that they chose. Restarts draw from torch's global
        generator: noise first, if there are fewer vectors than codes, then a permutation."""
        size, width = self.vectors.shape
        chose = torch.nn.functional.one_hot(codes, size).to(vectors)  # n k
        counts = decay * self.counts + (1 - decay) * chose.sum(dim=0)
        sums = decay * self.sums + (1 - decay) * chose.T @ vectors
        if len(vectors) < size:
            vectors = vectors.repeat(math.ceil(size / len(vectors)), 1)
            vectors = vectors + torch.rand_like(vectors) * 0.01 / math.sqrt(width)
        spare = vectors[torch.randperm(len(vectors))][:size]
        for code in range(size):
            if counts[code] < 1:
                sums[code], counts[code] = spare[code], 1.0
        total = counts.sum()
        smooth = total * (counts + 1e-5) / (total + size * 1e-5)
        self.vectors, self.counts, self.sums = sums / smooth[:, None], counts, sums
