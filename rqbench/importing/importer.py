"""The contract of an importer: what it recognises in a checkpoint, and what model that is.

An importer is a plug-in of the group `rqbench.importers`, and lives with its method. Reading files,
unwrapping, checking and writing belong to the harness.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from torch import Tensor

from ..choice import Sampling
from ..condition_spec import ConditionSpec
from ..errors import CheckpointError
from ..layout import CodeLayout
from ..prior import Prior
from ..tokenizer import Tokenizer
from .key_map import Dropped, KeyMap

FIRST_STAGE = "first_stage_model."
"""Below which two projects keep the tokenizer in a prior's checkpoint."""


@dataclass(frozen=True)
class Checkpoint:
    """What a file holds, unwrapped, and the config beside it.

    Attributes:
        state: tensors by published key, without wrapper, EMA and DDP prefixes.
        config: the YAML beside the file as plain values; empty where there is none.
        name: for messages.
    """

    state: Mapping[str, Tensor]
    config: Mapping[str, Any]
    name: str

    def below(self, prefix: str) -> dict[str, Tensor]:
        """The tensors of one part, their keys without its prefix; a key that is not there is an
        error of the checkpoint."""
        part = _Part(
            (key.removeprefix(prefix), value)
            for key, value in self.state.items()
            if key.startswith(prefix)
        )
        part.whole = f"{self.name} (below {prefix!r})" if prefix else self.name
        return part


class _Part(dict[str, Tensor]):
    """Tensors of which each one that is asked for must be there."""

    whole = "the checkpoint"

    def __missing__(self, key: str) -> Tensor:
        raise CheckpointError(
            f"{self.whole} lacks {key}, which tells what model this is. The key was renamed or "
            "lost, or the checkpoint is of another model."
        )


@dataclass(frozen=True)
class Described:
    """The model that a checkpoint holds, not yet filled.

    Attributes:
        type, config: the plug-in that it becomes, and that one's config as plain values.
        prefix: in front of all its published keys.
        dropped: keys that are left out on purpose: of those below the prefix without it, of those
            that lie below no part's prefix whole ones.
        resolution: of a tokenizer, side in pixels of the images that it was made for.
        layout, condition, sampling: of a prior.
        notes: what was decided in reading, one sentence each, for people.
    """

    type: str
    config: Mapping[str, Any]
    prefix: str = ""
    dropped: tuple[Dropped, ...] = ()
    resolution: int | None = None
    layout: CodeLayout | None = None
    condition: ConditionSpec | None = None
    sampling: Sampling = field(default_factory=Sampling)
    notes: tuple[str, ...] = ()


class Importer(ABC):
    """Reads one kind of model of one published project.

    Attributes:
        project: whose checkpoints.
        kind: what they become.
        needs_tokenizer: of a prior that reads its tokenizer's vectors.
    """

    project: ClassVar[str]
    kind: ClassVar[Literal["tokenizer", "prior"]]
    needs_tokenizer: ClassVar[bool] = False

    @abstractmethod
    def recognises(self, keys: frozenset[str]) -> bool:
        """Whether a checkpoint with these keys holds such a model."""

    @abstractmethod
    def describe(self, checkpoint: Checkpoint, tokenizer: Tokenizer | None) -> Described:
        """The model that the checkpoint holds.

        Everything that shapes tell is read from shapes; the config tells the rest, and is compared
        with the shapes where it says the same.

        Args:
            tokenizer: of a prior, the one that its codes come from, if it is known; already filled.

        Raises:
            CheckpointError: a variant that rqbench does not have, a config that is missing or
                contradicts the weights, or a tokenizer of another prior.
        """

    @abstractmethod
    def keys(self, model: Tokenizer | Prior) -> KeyMap:
        """How the tensors of a model that was described here are named below the prefix; the model
        may lie on the meta device, so nothing but its config, layout and shapes may be read."""
