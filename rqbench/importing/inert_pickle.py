"""A pickle module that stands inert objects in for classes that cannot be imported.

Checkpoints of trainers hold callbacks and settings of libraries that need not be installed to read
the weights beside them. `torch.load` takes this module as `pickle_module`. Classes that can be
imported are imported and do run: it is for trusted files only.
"""

import pickle
from typing import Any

__all__ = ["Inert", "Unpickler", "load"]


class Inert:
    """Takes whatever a pickle gives to the object whose place it holds, and does nothing."""

    def __new__(cls, *arguments: Any, **named: Any) -> "Inert":
        return super().__new__(cls)

    def __init__(self, *arguments: Any, **named: Any) -> None: ...

    def __call__(self, *arguments: Any, **named: Any) -> "Inert":
        return self

    def __setstate__(self, state: Any) -> None: ...

    def __setitem__(self, key: Any, value: Any) -> None: ...

    def append(self, item: Any) -> None: ...

    def extend(self, items: Any) -> None: ...

    def add(self, item: Any) -> None: ...


class Unpickler(pickle.Unpickler):
    """Like Python's own, but for classes that are not there."""

    def find_class(self, module: str, name: str) -> Any:
        try:
            return super().find_class(module, name)
        except Exception:  # another version's module may fail in any way while it is imported
            return type(name.rpartition(".")[2], (Inert,), {"__module__": module})


def load(file: Any, **settings: Any) -> Any:
    return Unpickler(file, **settings).load()
