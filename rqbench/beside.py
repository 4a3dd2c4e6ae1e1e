"""Work beside the main stream of a GPU: the decoding of one batch while the next one is drawn.

The side stream waits for what the main one has been given so far; the main one never waits for the
side. The host asks for a result one piece of work later, when it is most likely there. On other
devices work is done at once, in the order in which it comes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Queued:
    """A result on its way to the host.

    Attributes:
        host: pinned memory that holds it once `wait` has returned.
        take: to whom it goes.
    """

    host: Tensor
    wait: Callable[[], None]
    take: Callable[[Tensor], None]

    def fetch(self) -> Tensor:
        """In ordinary memory, so that pinned memory is free for the next one."""
        self.wait()
        return self.host.clone()


class Beside:
    """Pieces of work, each with one tensor as its result; at most one of them is under way."""

    def __init__(self, device: torch.device | str) -> None:
        self.device = torch.device(device)
        self._side: torch.cuda.Stream | None = None
        if self.device.type == "cuda":
            # torch gives streams and events no types
            self._side = torch.cuda.Stream(self.device)  # type: ignore[no-untyped-call]
        self._results: list[Tensor] = []
        self._queued: Queued | None = None

    def add(
        self,
        work: Callable[[], Tensor],
        reads: Sequence[Tensor],
        take: Callable[[Tensor], None] | None = None,
    ) -> None:
        """Do some work, on a GPU behind everything that its main stream has been given.

        Args:
            reads: tensors of the main stream that the work reads and that may be freed before it
                has ended. Nobody writes to them afterwards.
            take: gets the result on the CPU; else it is kept for `results`.
        """
        self.end()
        take = self._results.append if take is None else take
        if self._side is None:
            take(work().cpu())
            return
        self._side.wait_stream(torch.cuda.current_stream(self.device))
        for tensor in reads:
            tensor.record_stream(self._side)
        with torch.cuda.stream(self._side):
            result = work()  # its memory is the side stream's, which alone uses it again
            host = _pinned_like(result)
            host.copy_(result, non_blocking=True)
            # no types, as above
            event = torch.cuda.Event()  # type: ignore[no-untyped-call]
            event.record(self._side)
        self._queued = Queued(host, event.synchronize, take)

    def results(self) -> list[Tensor]:
        """Of all work, in the order in which it came, on the CPU."""
        self.end()
        return self._results

    def end(self) -> None:
        """Wait for what is under way, and hand it over."""
        if self._queued is not None:
            self._queued.take(self._queued.fetch())
            self._queued = None


def _pinned_like(tensor: Tensor) -> Tensor:
    return torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
