"""What several tests of tokenizers need."""

import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class PeakBytes(TorchDispatchMode):
    """Counts what tensors made inside hold at the same time, on any device, meta too."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.peak = 0, 0
        self._known: dict[int, int] = {}  # by address of the storage object, while it lives

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        for leaf in tree_leaves((args, kwargs)):
            if isinstance(leaf, torch.Tensor):
                self._known.setdefault(leaf.untyped_storage()._cdata, 0)
        result = function(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, torch.Tensor):
                self._watch(leaf.untyped_storage())
        return result

    def _watch(self, storage: torch.UntypedStorage) -> None:
        address = storage._cdata
        if address in self._known:
            return
        self._known[address] = storage.nbytes()
        self.now += storage.nbytes()
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self._forget, address)

    def _forget(self, address: int) -> None:
        self.now -= self._known.pop(address)


@pytest.fixture
def peak_bytes() -> Callable[[], PeakBytes]:
    """Makes context managers that know, after they end, the most that was held inside."""
    return PeakBytes
