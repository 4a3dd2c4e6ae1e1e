"""What a training trains: a model with its loss, and perhaps an opponent."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from .training import Training

Loss = Callable[[Any, int], tuple[Tensor, dict[str, Any]]]
"""(batch, step) -> the loss and named terms to log, each a scalar tensor or number."""


@dataclass(frozen=True)
class Opponent:
    """A second model that learns from the same batches against the first one.

    It has its turn after the model's step and after `after_step`, with its own loss, optimizer and
    settings. Checkpoints hold it; no moving average and no model folder does.

    Attributes:
        name: goes before the names of what it logs.
        model: its parameters learn.
        loss: called as often as the model's loss and with the same batches.
        training: its learning rate, betas, weight decay and clipping.
        start_step: before it, it has no turn.
    """

    name: str
    model: nn.Module
    loss: Loss
    training: Training
    start_step: int


@dataclass(frozen=True)
class Objective:
    """What is trained and by which loss.

    Attributes:
        model: its parameters learn.
        loss: of a batch, or of each of its parts where the training accumulates.
        batches: first step -> one batch a step from there on, a function of (seed, step) alone.
            Where the training accumulates, batches have a length and can be sliced.
        after_step: called once an optimizer step, after it.
        window: called when a log line is written, with the steps since the last; more terms to log.
        opponent: what trains against the model, if anything.
    """

    model: nn.Module
    loss: Loss
    batches: Callable[[int], Iterator[Any]]
    after_step: Callable[[], None] = lambda: None
    window: Callable[[], dict[str, float]] = dict
    opponent: Opponent | None = None
