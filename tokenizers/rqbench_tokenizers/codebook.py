"""Codebooks: the tables of vectors that codes name, and how each of the two kinds learns."""

from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, distributed, nn

from .moving_average import (
    MovingAverage,
    pick,
    pick_from_tiles,
    restart,
    smoothed_means,
    tally,
)  # fmt: skip


class GradientCodebook(nn.Module):
    """A codebook that is an ordinary parameter, as VQGAN published it: no average, no restart."""

    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.vectors = nn.Parameter(torch.empty(size, width).uniform_(-1 / size, 1 / size))


class Codebook(nn.Module):
    """A codebook that learns by moving average from what the forward passes of a step collect.

    Buffers, float32: `vectors` k e; `counts` k and `sums` k e, the averages behind them;
    `initialised`, whether the vectors have their start; `padding` 1 e, a row of published tables
    that no code names, or None. A step is one call of `after_step`; processes that train together
    add up what they collected, and take random vectors from process 0.

    Args:
        size: k.
        width: e.
        average: decay, restarts and start.
        padding: what the padding row starts with, if there is one. Of a random start the vectors
            are uniform where that row is, as DQ published them, and sums are not theirs.
    """

    padding: Tensor | None
    vectors: Tensor
    counts: Tensor
    sums: Tensor
    initialised: Tensor

    def __init__(
        self,
        size: int,
        width: int,
        average: MovingAverage,
        padding: Literal["zeros", "uniform"] | None = None,
    ) -> None:
        super().__init__()
        self.average = average
        random, bound = average.start == "random", 1 / size
        self.register_buffer("vectors", torch.randn(size, width))
        self.register_buffer("counts", torch.zeros(size) if random else torch.ones(size))
        self.register_buffer("sums", self.vectors.clone())
        self.register_buffer("initialised", torch.tensor(random))
        row = None if padding is None else torch.zeros(1, width)
        if row is not None and padding == "uniform":
            row.uniform_(-bound, bound)
            if random:
                self.vectors.uniform_(-bound, bound)
        self.register_buffer("padding", row)
        self._pending: dict[int, tuple[Tensor, Tensor]] = {}  # by slot: counts, sums
        self._pool: dict[int, tuple[Tensor, Tensor]] = {}  # by slot: vectors, weights
        self._started = False
        self.register_load_state_dict_post_hook(  # type: ignore[no-untyped-call]
            _forget_what_was_started
        )

    @property
    def needs_start(self) -> bool:
        """Whether `start` has not been called; looks at the device only until it has."""
        self._started = self._started or bool(self.initialised)
        return not self._started

    @torch.no_grad()
    def start(self, vectors: Float[Tensor, "k e"], num_vectors: int) -> None:
        """Begin with these vectors, as if `num_vectors` had chosen all of them equally often."""
        self.vectors.copy_(_of_first_process(vectors))
        self.counts.fill_(num_vectors / len(self.vectors))
        self.sums.copy_(self.vectors * self.counts[:, None])
        self.initialised.fill_(True)

    @torch.no_grad()
    def collect(
        self,
        vectors: Float[Tensor, "n e"],
        codes: Int[Tensor, " n"],
        weights: Float[Tensor, " n"],
        slot: int = 0,
    ) -> None:
        """Remember which vectors chose which codes, until `after_step`.

        Args:
            vectors: what was quantized.
            codes: the choice of each.
            weights: 1 for a vector that counts, 0 for a copy that does not.
            slot: passes of one slot make one update; slots are applied one after the other.
        """
        counts, sums = tally(vectors, codes, weights, len(self.vectors))
        vectors = vectors.detach()
        if slot in self._pending:
            counts, sums = counts + self._pending[slot][0], sums + self._pending[slot][1]
            vectors = torch.cat([self._pool[slot][0], vectors])
            weights = torch.cat([self._pool[slot][1], weights])
        self._pending[slot] = counts, sums
        self._pool[slot] = vectors, weights

    @torch.no_grad()
    def after_step(self) -> None:
        """Update the averages slot by slot, restart idle codes once, and set the vectors anew.

        Restarts come after all slots, from the vectors of all: were they made slot by slot, the
        last one would take all idle codes for itself. Without anything collected nothing changes.
        """
        if not self._pending:
            return
        for slot in sorted(self._pending):
            counts, sums = (_over_processes(statistic) for statistic in self._pending[slot])
            self.counts.lerp_(counts, 1 - self.average.decay)
            self.sums.lerp_(sums, 1 - self.average.decay)
        pool, weights = (torch.cat(parts) for parts in zip(*self._pool.values(), strict=True))
        spare = self._spare_vectors(pool, weights)
        counts, sums = restart(self.counts, self.sums, spare, self.average)
        self.counts.copy_(counts)
        self.sums.copy_(sums)
        self.vectors.copy_(smoothed_means(counts, sums))
        self._pending.clear()
        self._pool.clear()

    def _spare_vectors(
        self, pool: Float[Tensor, "n e"], weights: Float[Tensor, " n"]
    ) -> Float[Tensor, "k e"]:
        if self.average.spares == "tiled":  # copies too, as published
            return _of_first_process(pick_from_tiles(pool, len(self.vectors)))
        return _of_first_process(pick(pool, weights, len(self.vectors)))


def _forget_what_was_started(codebook: nn.Module, _: object) -> None:
    if isinstance(codebook, Codebook):
        codebook._started = False


def _over_processes(statistic: Tensor) -> Tensor:
    if distributed.is_available() and distributed.is_initialized():
        distributed.all_reduce(statistic)
    return statistic


def _of_first_process(vectors: Tensor) -> Tensor:
    if distributed.is_available() and distributed.is_initialized():
        vectors = vectors.contiguous()
        distributed.broadcast(vectors, src=0)
    return vectors
