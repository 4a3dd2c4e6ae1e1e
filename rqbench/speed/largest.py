"""The largest batch that fits into a device's memory."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ..errors import UnsupportedError
from ..graph import GraphError, forget
from .bench import Setting
from .memory_end import free_unused, memory_ended
from .rounds import Timing, draw_and_decode
from .systems import TimedSystem

CAP, SHARE = 2**16, 8
"""Images, beyond which nobody looks; and the answer is found to within an eighth of itself."""


@dataclass(frozen=True)
class Largest:
    """Of one system in one setting.

    Attributes:
        batch: the largest that fitted; 0 where none did.
        too_large: the smallest that did not; None where the cap was reached.
        said: what it said.
    """

    system: TimedSystem
    setting: Setting
    batch: int
    too_large: int | None
    said: str = ""


def check_can_end(device: str) -> None:
    """
    Raises:
        UnsupportedError: a device whose memory ends with the process.
    """
    if not device.startswith("cuda"):
        raise UnsupportedError(
            "The largest batch that fits can be found on CUDA only: on a CPU the system ends a "
            "process that takes too much, and nothing would be recorded. Leave `largest` out, or "
            "use --device cuda."
        )


def find_largest(
    setting: Setting, systems: Sequence[TimedSystem], device: str, tell: Callable[[str], None]
) -> list[Largest]:
    """The largest batch of each system alone on the device, from the largest of the sweep on."""
    found = []
    for system in systems:
        tell(f"{setting.name} {system.name}: largest batch".strip())
        why: dict[int, str] = {}

        def fits(batch: int, system: TimedSystem = system, why: dict[int, str] = why) -> bool:
            why[batch] = _fault(Timing(system, batch, setting), device)
            return not why[batch]

        try:
            with alone(system, systems, device):
                batch, too_large = search(fits, setting.batch[-1])
        except GraphError as error:
            tell(f"{setting.name} {system.name}: no largest batch: {error}".strip())
            continue
        said = "" if too_large is None else why[too_large]
        found.append(Largest(system, setting, batch, too_large, said))
    return found


def _fault(timing: Timing, device: str) -> str:
    """Why a batch cannot be drawn and decoded: memory ended, or a library takes no such sizes."""
    try:
        return memory_ended(lambda: draw_and_decode(timing, device))
    except RuntimeError as error:  # what was timed before is worth more than its traceback
        return str(error).splitlines()[0]


def search(fits: Callable[[int], bool], start: int, cap: int = CAP) -> tuple[int, int | None]:
    """Double from `start` until something does not fit or the cap is reached, then halve what lies
    between.

    Returns:
        The largest that fitted (0: not even one image), and the smallest that did not (None: all
        up to the cap did).
    """
    fitting, too_large, batch = 0, None, min(start, cap)
    while too_large is None and fitting < cap:
        if fits(batch):
            fitting, batch = batch, min(2 * batch, cap)
        else:
            too_large = batch
    while too_large is not None and too_large - fitting > max(1, fitting // SHARE):
        middle = (fitting + too_large) // 2
        if fits(middle):
            fitting = middle
        else:
            too_large = middle
    return fitting, too_large


@contextmanager
def alone(system: TimedSystem, systems: Sequence[TimedSystem], device: str) -> Iterator[None]:
    """While it lasts the weights of the other systems are not on the device."""
    others = [model for each in systems if each is not system for model in each.models]
    for each in systems:
        forget(each.prior)
    for model in others:
        model.to("cpu")
    free_unused()
    try:
        yield
    finally:
        forget(system.prior)
        free_unused()
        for model in others:
            model.to(device)
