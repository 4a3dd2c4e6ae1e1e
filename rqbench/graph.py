"""A lockstep loop as one CUDA graph: recorded once, then run by the device without the host.

The whole loop of a batch is one graph, so that every step sees exactly the places that are filled,
without masks or buckets. It reads weights where they lie; what changes from batch to batch (uniform
numbers, the condition) is copied to where it was recorded.
"""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import torch
from jaxtyping import Float, Int
from torch import Tensor

from .choice import Sampling
from .codes import Codes
from .lockstep import Lockstep

if TYPE_CHECKING:
    from .prior import Prior

Capture = Callable[[Callable[[], Tensor]], tuple[Callable[[], None], Tensor]]
"""Record some work: what replays it, and where its result stands then."""


class GraphError(RuntimeError):
    """A loop that cannot be recorded as a graph; mode "eager" draws it."""


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
        forget(prior)
        del found
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
    side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        work()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    try:
        with torch.cuda.graph(graph):
            result = work()
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:
        raise GraphError(f"CUDA would not record it: {str(error).splitlines()[0]}") from error
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
    choose, before = Lockstep(sampling, uniforms), _reserved(uniforms)
    replay, values = capture(lambda: prior.generate_lockstep(choose, rows, condition).values)
    kept = max(_reserved(uniforms) - before, 0)
    return Recorded(key, uniforms, condition, replay, values, kept)


def _key(prior: "Prior", asked: tuple[Any, ...], condition: Tensor | None) -> tuple[Any, ...]:
    tensors = [*prior.parameters(), *prior.buffers()]
    places = tuple((tensor.data_ptr(), tensor.dtype) for tensor in tensors)
    shape = None if condition is None else condition.shape
    return *asked, shape, places


def _reserved(like: Tensor) -> int:
    return torch.cuda.memory_reserved(like.device) if like.is_cuda else 0
