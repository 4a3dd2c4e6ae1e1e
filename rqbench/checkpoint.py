"""Checkpoints of an unfinished training: one safetensors file, nothing that executes code."""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from .errors import DamagedFileError
from .files import write_whole

KEY = "rqbench"
"""Under which facts and checksum stand in the metadata."""


def save_tensors(path: Path, tensors: dict[str, Tensor], facts: dict[str, Any]) -> None:
    """Write named tensors and JSON facts as one file, whole or not at all.

    Raises:
        OSError: the disk is full, or may not be written.
    """
    ready = _apart(tensors)
    # One key alone, because safetensors writes several in any order: equal tensors, equal bytes
    metadata = {KEY: json.dumps({"facts": facts, "sha256": _sha256(ready, facts)})}
    try:
        write_whole(path, lambda beside: save_file(ready, beside, metadata))
    except SafetensorError as error:  # what it makes of an OSError
        raise OSError(f"{path} cannot be written: {error}") from None


def _apart(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors on the CPU, each alone in its memory as safetensors wants them; copied only where
    they are not, since models may be larger than half of the memory."""
    apart: dict[str, Tensor] = {}
    seen: set[int] = set()
    for name, tensor in tensors.items():
        here = tensor.detach().cpu().contiguous()
        memory = here.untyped_storage()
        is_alone = memory.nbytes() == here.nbytes and memory.data_ptr() not in seen
        apart[name] = here if is_alone else here.clone()
        seen.add(memory.data_ptr())
    return apart


def load_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """What `save_tensors` wrote, on the CPU.

    Raises:
        DamagedFileError: cut short, not a safetensors file, or of other content than was written.
    """
    try:
        with safe_open(path, framework="pt") as file:
            described = json.loads((file.metadata() or {}).get(KEY, "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dict
    except (SafetensorError, OSError, ValueError) as error:
        raise DamagedFileError(f"{path} cannot be read as safetensors: {error}") from None
    facts: dict[str, Any] = described.get("facts", {})
    if described.get("sha256") != _sha256(tensors, facts):
        raise DamagedFileError(f"{path} does not hold the tensors that were written (SHA-256).")
    return tensors, facts


def _sha256(tensors: dict[str, Tensor], facts: dict[str, Any]) -> str:
    """Of names, types, shapes, values and facts."""
    digest = hashlib.sha256(json.dumps(facts).encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()


def save_checkpoint(
    path: Path,
    modules: dict[str, nn.Module],
    optimizers: dict[str, torch.optim.Optimizer],
    facts: dict[str, Any],
) -> None:
    """Everything that training needs to go on: modules and optimizers by name, facts (a step).

    No optimizer bears a module's name.
    """
    tensors = {
        f"{name}/{key}": value
        for name, module in modules.items()
        for key, value in module.state_dict().items()
    }
    for name, optimizer in optimizers.items():
        for index, state in optimizer.state_dict()["state"].items():
            for key, value in state.items():
                tensors[f"{name}/{index}/{key}"] = torch.as_tensor(value)
    save_tensors(path, tensors, facts)


def load_checkpoint(
    path: Path, modules: dict[str, nn.Module], optimizers: dict[str, torch.optim.Optimizer]
) -> dict[str, Any]:
    """Put a checkpoint back in place and return its facts.

    Raises:
        DamagedFileError: see `load_tensors`.
    """
    tensors, facts = load_tensors(path)
    for name, module in modules.items():
        module.load_state_dict(_below(name, tensors))
    for name, optimizer in optimizers.items():
        whole = optimizer.state_dict()
        whole["state"] = {}
        for key, value in _below(name, tensors).items():
            index, field = key.split("/")
            whole["state"].setdefault(int(index), {})[field] = value
        optimizer.load_state_dict(whole)
    return facts


def _below(name: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    prefix = f"{name}/"
    return {
        key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)
    }
