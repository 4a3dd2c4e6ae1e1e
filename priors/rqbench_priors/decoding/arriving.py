"""Numbers of a device that the host reads when they have arrived, so that neither waits."""

import torch
from jaxtyping import Int
from torch import Tensor


class Arriving:
    """One list of integers on its way. On a CPU it is there at once.

    Args:
        most: numbers in a list, at most.
    """

    def __init__(self, most: int, device: torch.device) -> None:
        self.device, self.sent = device, 0
        self.event: torch.cuda.Event | None = None
        is_cuda = device.type == "cuda"
        self.memory = torch.empty(most, dtype=torch.int64, pin_memory=is_cuda)

    def send(self, numbers: Int[Tensor, " n"]) -> None:
        """Let these follow, unless others are still on their way."""
        if self.sent:
            return
        self.sent = len(numbers)
        # both ends are contiguous, or else the copy would wait
        self.memory[: self.sent].copy_(numbers, non_blocking=True)
        if self.device.type == "cuda":
            # torch gives events no types
            self.event = torch.cuda.Event()  # type: ignore[no-untyped-call]
            self.event.record(torch.cuda.current_stream(self.device))

    def take(self) -> list[int] | None:
        """What has arrived since it was asked last."""
        if not self.sent or not self._is_there():
            return None
        arrived: list[int] = self.memory[: self.sent].tolist()
        self.sent, self.event = 0, None
        return arrived

    def _is_there(self) -> bool:
        # torch gives events no types
        return self.event is None or bool(self.event.query())  # type: ignore[no-untyped-call]
