"""A lockstep loop as one CUDA graph: recorded once, then run by the device without the host.

The whole loop of a batch is one graph, so that every step sees exactly the places that are filled,
without masks or buckets. It reads weights where they lie; what changes from batch to batch (uniform
numbers, the condition) is copied to where it was recorded.
"""

import gc
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import torch
from jaxtyping import Float, Int
from torch import Tensor

from .choice import Sampling
from .codes import Codes
from .errors import RqbenchError
from .lockstep import Lockstep

if TYPE_CHECKING:
    from .prior import Prior

Capture = Callable[[Callable[[], Tensor]], tuple[Callable[[], None], Tensor]]
"""Record some work: what replays it, and where its result stands then."""


class GraphError(RqbenchError):
    """A loop that cannot be recorded as a graph."""


@dataclass
class Recorded:
    """A loop that was recorded. It holds no prior, so that priors can be freed.

    Attributes:
        key: what it was recorded for; another batch size, sampling or weight needs a new one.
        uniforms: Float[n b], read by each replay; the condition likewise, Int[b c].
        values: Int[b h w d], overwritten by each replay.
        pool_bytes: of memory that it keeps from others.
    """

    key: tuple[Any, ...]
    uniforms: Tensor
    condition: Tensor | None
    replay: Callable[[], None]
    values: Tensor
    pool_bytes: int


_recorded: "WeakKeyDictionary[Prior, Recorded]" = WeakKeyDictionary()


def drawn_by_graph(
    prior: "Prior",
    rows: int,
    sampling: Sampling,
    uniforms: Float[Tensor, "n b"],
    condition: Int[Tensor, "rows c"] | None,
    mode: str = "graph",
    capture: Capture | None = None,
) -> Codes:
    """Codes of a batch by the prior's graph, which is recorded where there is none that fits.

    Args:
        mode: by which steps; those of another one need a new record.
        capture: records; None: CUDA does.
    """
    key = _key(prior, (mode, rows, sampling, uniforms.shape), condition)
    found = _recorded.get(prior)
    if found is None or found.key != key:
        found = None  # so that its memory is free
        forget(prior)
        found = _record(prior, key, rows, sampling, uniforms, condition, capture or capture_on_cuda)
        _recorded[prior] = found
    found.uniforms.copy_(uniforms)
    if found.condition is not None and condition is not None:
        found.condition.copy_(condition)
    found.replay()
    return Codes(found.values.clone(), prior.layout)


def forget(prior: "Prior") -> None:
    """Free what was recorded of a prior."""
    if _recorded.pop(prior, None) is not None:
        gc.collect()
        torch.cuda.empty_cache()


def pool_bytes(prior: "Prior") -> int:
    """Bytes that the prior's graph keeps for its caches; the allocator counts them as free."""
    found = _recorded.get(prior)
    return found.pool_bytes if found else 0


def capture_on_cuda(work: Callable[[], Tensor]) -> tuple[Callable[[], None], Tensor]:
    """Do the work twice, the second time for the record only.

    Raises:
        GraphError: CUDA would not record it.
    """
    # libraries choose their kernels and take their own memory in the first run, on a stream of
    # its own since work on the default one is no part of a graph
    before = torch.cuda.current_stream()
    # torch gives streams no types
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    side.wait_stream(before)
    with torch.cuda.stream(side):
        work()
    before.wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    try:
        with torch.cuda.graph(graph):
            result = work()
    except RuntimeError as error:
        cause = error.__context__
        if isinstance(error, torch.OutOfMemoryError):
            raise
        if isinstance(cause, torch.OutOfMemoryError):  # ending the record fails after it too
            raise cause from None
        said = str(cause or error).splitlines()[0]
        raise GraphError(f'CUDA would not record it: {said} Draw with mode "eager".') from error
    finally:
        torch.cuda.set_stream(before)  # a record that fails leaves its own
    return graph.replay, result


def _record(
    prior: "Prior",
    key: tuple[Any, ...],
    rows: int,
    sampling: Sampling,
    uniforms: Tensor,
    condition: Tensor | None,
    capture: Capture,
) -> Recorded:
    uniforms = uniforms.clone()
    condition = None if condition is None else condition.clone()
    choose = Lockstep(sampling, uniforms)
    on_device = torch.cuda.device(uniforms.device) if uniforms.is_cuda else nullcontext()
    with on_device:  # whichever the caller's is
        before = _reserved(uniforms)
        replay, values = capture(lambda: prior.generate_lockstep(choose, rows, condition).values)
        kept = max(_reserved(uniforms) - before, 0)
    return Recorded(key, uniforms, condition, replay, values, kept)


def _key(prior: "Prior", asked: tuple[Any, ...], condition: Tensor | None) -> tuple[Any, ...]:
    tensors = [*prior.parameters(), *prior.buffers()]
    places = tuple((tensor.data_ptr(), tensor.dtype) for tensor in tensors)
    shape = None if condition is None else condition.shape
    kernels = (
        torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32, prior.training,
        torch.is_autocast_enabled("cuda"),
    )  # fmt: skip
    return *asked, shape, places, kernels


def _reserved(like: Tensor) -> int:
    """Bytes that torch holds on the device, without those that nobody uses."""
    if not like.is_cuda:
        return 0
    torch.cuda.empty_cache()
    return torch.cuda.memory_reserved(like.device)
