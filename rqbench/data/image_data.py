"""The contract of data: crops by index, streamed in the same order by any number of processes."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from torch.utils.data import DataLoader, Dataset

from ..errors import RqbenchError
from .batch import Batch, HeldOut

Arrays = tuple[UInt8[np.ndarray, "b 3 H W"], Int64[np.ndarray, " b"] | None]


class ImageData(ABC):
    """Training crops without end, and a fixed set of held-out ones.

    Attributes:
        name: such as "photos" or "folder:flowers"; never a path.
        split: where held-out crops come from: "in-scene" (strips of the training photographs),
            "held-out-files" or "test-folder".
        digest: SHA-256 over the pictures and the rules that cut them; equal digests mean equal
            crops.
        class_names: what labels count; None without classes.
        skipped: one line for each file that was left out.
    """

    name: str
    split: str
    digest: str
    class_names: tuple[str, ...] | None = None
    skipped: tuple[str, ...] = ()

    @abstractmethod
    def training_crops(self, seed: int, indices: Sequence[int]) -> Batch:
        """Crops by index, from 0 without end; crop i is a function of (seed, i) alone."""

    @abstractmethod
    def held_out(self) -> HeldOut:
        """The held-out crops, the same at each call."""

    def stream(
        self, seed: int, batch_size: int, first_step: int, num_steps: int, workers: int
    ) -> Iterator[Batch]:
        """Batches of the steps first_step to first_step + num_steps - 1, without end: step s holds
        the crops s * batch_size to (s + 1) * batch_size - 1."""
        return self.stream_chosen(
            seed, partial(_consecutive, batch_size), first_step, num_steps, workers
        )

    def stream_chosen(
        self,
        seed: int,
        chosen: Callable[[int], Sequence[int]],
        first_step: int,
        num_steps: int,
        workers: int,
    ) -> Iterator[Batch]:
        """The same with the crops that `chosen`, which must survive pickling, names for each step.

        Whatever the number of worker processes, the batches are equal; with 0 the calling process
        cuts them itself. A script that asks for workers needs the usual
        `if __name__ == "__main__":`, because they start afresh.

        Raises:
            BadImageError: a file that has changed since the data was opened.
        """
        steps = range(first_step, first_step + num_steps)
        crops = _Steps(self, seed, chosen)
        if workers == 0:
            for step in steps:
                yield self.training_crops(seed, chosen(step))
            return
        loader = DataLoader(
            crops,
            batch_size=None,
            sampler=steps,
            num_workers=min(workers, max(num_steps, 1)),
            collate_fn=_unchanged,
            multiprocessing_context="spawn",  # a fork would copy a process that runs threads
            prefetch_factor=4,
            generator=torch.Generator(),  # else the loader draws from the trainer's own generator
        )
        for arrays in loader:
            if isinstance(arrays, RqbenchError):
                raise arrays
            images, labels = arrays
            yield Batch(
                torch.from_numpy(images), None if labels is None else torch.from_numpy(labels)
            )


class _Steps(Dataset[Arrays | RqbenchError]):
    """Batches by step, as a worker process hands them over.

    Arrays travel through a pipe; tensors would need shared memory, of which containers have little.
    An error travels as a value, because the loader would wrap it in a traceback.
    """

    def __init__(self, data: ImageData, seed: int, chosen: Callable[[int], Sequence[int]]) -> None:
        self.data, self.seed, self.chosen = data, seed, chosen

    def __getitem__(self, step: int) -> Arrays | RqbenchError:
        try:
            batch = self.data.training_crops(self.seed, self.chosen(step))
        except RqbenchError as error:
            return error
        return batch.images.numpy(), None if batch.labels is None else batch.labels.numpy()


def _consecutive(batch_size: int, step: int) -> range:
    return range(step * batch_size, (step + 1) * batch_size)


def _unchanged(arrays: Any) -> Any:
    return arrays
