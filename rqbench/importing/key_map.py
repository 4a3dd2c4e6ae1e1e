"""How the tensors of a published state dict correspond to ours, told once and read both ways.

A tie says which published keys and which of ours hold the same numbers. Writing ours as published
gives the keys and shapes that a file must have, so that one list of ties imports, exports and
checks.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..errors import CheckpointError

State = Mapping[str, Tensor]


@dataclass(frozen=True)
class Tie:
    """Keys of ours and published ones that hold the same numbers.

    Attributes:
        ours, theirs: keys; either may be empty.
        read: published tensors to ours.
        write: ours to published ones; works on meta tensors too.
        note: why a published key is in no tensor of ours; empty where it is.
    """

    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    read: Callable[[list[Tensor]], list[Tensor]]
    write: Callable[[list[Tensor]], list[Tensor]]
    note: str = ""


def same(ours: str, theirs: str) -> Tie:
    """One tensor, as it is."""
    return Tie((ours,), (theirs,), list, list)


def with_shape(ours: str, theirs: str, *published: int) -> Tie:
    """One tensor, published with another shape of the same values, such as leading ones; -1 is the
    axis that follows from the rest. `KeyMap.translate` gives it the shape of ours."""
    return Tie((ours,), (theirs,), list, lambda tensors: [tensors[0].reshape(published)])


def stacked(ours: str, theirs: Sequence[str]) -> Tie:
    """Several published tensors of one shape, one below the other in ours."""
    return Tie(
        (ours,),
        tuple(theirs),
        lambda tensors: [torch.cat(tensors)],
        lambda tensors: list(tensors[0].chunk(len(theirs))),
    )


def rows(ours: Sequence[str], theirs: str) -> Tie:
    """One published tensor whose rows are ours: all but the last in the first of two keys, the last
    in the second (a codebook and its padding row)."""
    vectors, padding = ours

    def write(tensors: list[Tensor]) -> list[Tensor]:
        # torch.cat of meta tensors would first import torch's compiler, which takes seconds
        whole = tensors[0].new_empty(len(tensors[0]) + 1, *tensors[0].shape[1:])
        whole[:-1], whole[-1:] = tensors
        return [whole]

    return Tie(
        (vectors, padding), (theirs,), lambda tensors: [tensors[0][:-1], tensors[0][-1:]], write
    )


def copies(ours: str, theirs: Sequence[str]) -> Tie:
    """One tensor that was published several times.

    Raises:
        CheckpointError: from reading: the copies differ.
    """

    def read(tensors: list[Tensor]) -> list[Tensor]:
        for key, tensor in zip(theirs, tensors, strict=True):
            if not torch.equal(tensor, tensors[0]):
                raise CheckpointError(
                    f"{theirs[0]} and {key} should hold the same numbers, and differ. The model "
                    "shares them: the checkpoint is of another model, or damaged."
                )
        return [tensors[0]]

    return Tie((ours,), tuple(theirs), read, lambda tensors: [tensors[0]] * len(theirs))


def implied(theirs: str, value: Callable[[], Tensor], why: str) -> Tie:
    """A published tensor that follows from the architecture: checked, and then not kept.

    Args:
        value: what it must be; called only where it is needed.
        why: the reason, for people who ask what became of the key.

    Raises:
        CheckpointError: from reading: it holds something else.
    """

    def read(tensors: list[Tensor]) -> list[Tensor]:
        if not torch.equal(tensors[0], value().to(tensors[0].dtype)):
            raise CheckpointError(
                f"{theirs} is not what this architecture implies ({why}). The checkpoint is of a "
                "variant that rqbench does not have."
            )
        return []

    return Tie((), (theirs,), read, lambda _: [value()], why)


def constant(ours: str, value: Callable[[], Tensor]) -> Tie:
    """A tensor of ours that no published key tells."""
    return Tie((ours,), (), lambda _: [value()], lambda _: [])


@dataclass(frozen=True)
class Dropped:
    """Published keys that are left out on purpose.

    Attributes:
        pattern: regular expression that a whole key must match.
        why: the reason.
    """

    pattern: str
    why: str


@dataclass(frozen=True)
class KeyMap:
    """All ties of one model."""

    ties: tuple[Tie, ...]

    def export(self, ours: State) -> dict[str, Tensor]:
        """Our state dict as it would have been published, bit for bit, with what was implied."""
        theirs: dict[str, Tensor] = {}
        for tie in self.ties:
            written = tie.write([ours[key] for key in tie.ours])
            theirs.update(zip(tie.theirs, written, strict=True))
        return theirs

    def translate(self, theirs: State, ours: State) -> dict[str, Tensor]:
        """A published state dict as ours.

        Args:
            theirs: nothing but what belongs to the model.
            ours: the state dict of the model that is to be filled, of which shapes and types count
                (meta tensors will do).

        Raises:
            CheckpointError: a missing, surplus or misshapen key, by name; or see `copies`.
        """
        expected = self.export({key: value.to("meta") for key, value in ours.items()})
        _compare(theirs, expected, self.left_out())
        found: dict[str, Tensor] = {}
        for tie in self.ties:
            read = tie.read([theirs[key] for key in tie.theirs])
            found.update(zip(tie.ours, read, strict=True))
        untold = sorted(ours.keys() - found.keys())
        assert not untold, f"no tie names {untold}"  # a fault of the importer, not of the file
        return {
            key: value.to(ours[key].dtype).reshape(ours[key].shape) for key, value in found.items()
        }

    def left_out(self) -> dict[str, str]:
        """Published keys that are in no tensor of ours, with the reason."""
        return {key: tie.note for tie in self.ties for key in tie.theirs if tie.note}


def split_dropped(
    theirs: State, dropped: Sequence[Dropped]
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """What remains of a state dict, and the reason for each key that is left out."""
    why = {
        key: rule.why
        for key in theirs
        for rule in reversed(dropped)
        if re.fullmatch(rule.pattern, key)
    }
    return {key: value for key, value in theirs.items() if key not in why}, why


def _compare(theirs: State, expected: State, implied: Collection[str]) -> None:
    for kind, keys in (
        ("lacks", sorted(expected.keys() - theirs.keys())),
        ("has, beside what the model needs,", sorted(theirs.keys() - expected.keys())),
    ):
        if keys:
            more = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
            raise CheckpointError(
                f"The checkpoint {kind} {', '.join(keys[:3])}{more}. Its config and its weights "
                "are of different models, or a key was renamed or lost."
            )
    for key, value in expected.items():
        if tuple(theirs[key].shape) != tuple(value.shape):
            raise CheckpointError(
                f"{key} has the shape {tuple(theirs[key].shape)}, and the model needs "
                f"{tuple(value.shape)}. Its config and its weights are of different models."
            )
        if key not in implied and theirs[key].is_floating_point() != value.is_floating_point():
            raise CheckpointError(
                f"{key} holds numbers of type {theirs[key].dtype}, and the model needs "
                f"{value.dtype}. Save it as it was trained, not quantized."
            )
