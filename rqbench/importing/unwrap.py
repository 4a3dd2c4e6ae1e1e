"""Finding the state dict in what a trainer saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from ..errors import CheckpointError

RAW = (
    "state_dict", "model_state_dict", "model", "model_state", "params", "net", "network", "module",
    "weights",
)  # fmt: skip
AVERAGED = (
    "state_dict_ema", "model_state_dict_ema", "model_ema", "ema_state_dict", "ema_model", "ema",
    "params_ema", "net_ema",
)  # fmt: skip
"""Names under which trainers keep a state dict, and its exponential moving average."""

PREFIXES = ("module.", "_orig_mod.")
"""What DistributedDataParallel and torch.compile put in front of all keys."""

COUNTER = "n_averaged"
"""Beside the averaged weights in torch's own AveragedModel."""


@dataclass(frozen=True)
class Unwrapped:
    """A state dict, and what lay around it.

    Attributes:
        state: without prefixes of wrappers.
        taken: where it lay, such as "state_dict_ema"; "the top level" where nothing was around it.
        prefix: what all its keys bore and no longer bear.
        left_out: the reason for each entry beside it.
        notes: what was decided, one sentence each.
    """

    state: dict[str, Tensor]
    taken: str
    prefix: str
    left_out: dict[str, str]
    notes: tuple[str, ...]


def unwrap(held: Any, name: str, ema: bool = True) -> Unwrapped:
    """The state dict in a loaded checkpoint.

    Args:
        name: of the file, for messages.
        ema: take averaged weights where they lie beside raw ones, as the projects do themselves.

    Raises:
        CheckpointError: none, or several that could be meant.
    """
    if not isinstance(held, Mapping):
        raise CheckpointError(f"{name} holds {_what(held)}, and no state dict of tensors by name.")
    path: list[str] = []
    left_out: dict[str, str] = {}
    notes: list[str] = []
    while (entry := _choose(held, name, ema, notes)) is not None:
        left_out |= {str(k): _why_left(str(k), v) for k, v in held.items() if k != entry}
        path.append(entry)
        held = held[entry]
    state = {str(key): value.detach() for key, value in held.items() if isinstance(value, Tensor)}
    left_out |= {str(k): _why_left(str(k), v) for k, v in held.items() if str(k) not in state}
    state, prefix = _without_prefixes(state, left_out)
    return Unwrapped(state, ".".join(path) or "the top level", prefix, left_out, tuple(notes))


def _choose(held: Mapping[Any, Any], name: str, ema: bool, notes: list[str]) -> str | None:
    """The entry that the state dict lies in; None where it is `held` itself."""
    if "param_groups" in held:
        raise CheckpointError(
            f"{name} holds the state of an optimizer, and no weights. Import the file of the model "
            "that lies beside it."
        )
    inside = {k: v for k, v in held.items() if isinstance(k, str) and _has_tensors(v)}
    averaged = [key for key in AVERAGED if key in inside]
    raw = [key for key in RAW if key in inside]
    wanted = averaged if averaged and (ema or not raw) else raw
    if averaged and raw:
        other = "Add --no-ema for the others." if ema else ""
        kept = "averaged" if ema else "raw"
        notes.append(f"Of raw and averaged weights the {kept} ones were taken. {other}".strip())
    elif averaged and not ema:
        raise CheckpointError(
            f"{name} holds averaged weights ({', '.join(averaged)}) and no raw ones. Leave out "
            "--no-ema."
        )
    elif not wanted and not any(isinstance(value, Tensor) for value in held.values()):
        wanted = [key for key, value in inside.items() if _why_left(key, value) == REST]
    if len(wanted) > 1:
        raise CheckpointError(
            f"{name} holds several state dicts, and nothing says which is meant: "
            f"{', '.join(wanted)}. Save the one that you want as a file of its own."
        )
    if wanted:
        return wanted[0]
    if any(isinstance(value, Tensor) for value in held.values()):
        return None
    entries = ", ".join(f"{key} ({_what(value)})" for key, value in list(held.items())[:6])
    raise CheckpointError(f"{name} holds no tensors by name. Its entries: {entries or 'none'}.")


def _has_tensors(value: Any) -> bool:
    """Whether it is a state dict, or something around one."""
    return isinstance(value, Mapping) and any(
        isinstance(inner, Tensor) or _has_tensors(inner) for inner in value.values()
    )


REST = "kept by the trainer, and no part of the model"
LEFT = {
    "optim": "of the optimizer: rqbench imports models for use",
    "sched": "of the schedule of learning rates",
    "scaler": "of training in mixed precision",
    "disc": "of the discriminator: rqbench imports no losses",
    "loss": "of the losses: rqbench imports none",
    "callback": "of the trainer's callbacks",
    "loops": "of the trainer's loops",
}


def _why_left(key: str, value: Any) -> str:
    if _has_tensors(value) and key in AVERAGED:
        return "averaged weights; the raw ones were taken"
    if _has_tensors(value) and key in RAW:
        return "raw weights; the averaged ones were taken"
    return next((why for part, why in LEFT.items() if part in key.lower()), REST)


def _without_prefixes(
    state: dict[str, Tensor], left_out: dict[str, str]
) -> tuple[dict[str, Tensor], str]:
    """The state dict without the prefixes of wrappers, in whatever order they were nested."""
    if COUNTER in state and all(key.startswith(PREFIXES[0]) or key == COUNTER for key in state):
        state = {key: value for key, value in state.items() if key != COUNTER}
        left_out[COUNTER] = "a counter of the moving average"
    stripped = ""
    while prefix := _shared_prefix(state):
        state = {key.removeprefix(prefix): value for key, value in state.items()}
        stripped += prefix
    return state, stripped


def _shared_prefix(state: Mapping[str, Tensor]) -> str:
    shared = (one for one in PREFIXES if state and all(key.startswith(one) for key in state))
    return next(shared, "")


def _what(value: Any) -> str:
    if isinstance(value, nn.Module):
        return f"a whole model of the class {type(value).__name__} (save its state_dict instead)"
    if isinstance(value, Tensor):
        return "a lone tensor"
    return f"an object of the type {type(value).__module__}.{type(value).__qualname__}"
