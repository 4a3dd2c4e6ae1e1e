"""The moving average of a model's weights, which is what gets measured and kept."""

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

Tensors = tuple[Tensor, ...] | list[Tensor]


def average_weights(model: nn.Module, decay: float) -> AveragedModel:
    """A running average of the parameters; buffers are copied, since codebooks average themselves.

    The decay rises to its value as (1 + t) / (10 + t), so that a short training does not keep its
    start.
    """

    @torch.no_grad()
    def update(averages: Tensors, currents: Tensors, count: Tensor | int) -> None:
        t = int(count)
        keep = min(decay, (1 + t) / (10 + t))
        torch._foreach_lerp_(list(averages), list(currents), 1 - keep)

    return AveragedModel(model, multi_avg_fn=update, use_buffers=False)
