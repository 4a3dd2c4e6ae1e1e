"""The loop of the depth-stacked prior: a step of the body for each position, then its stack.

Both transformers see sums of vectors: the depth layers that of the codes so far, the body that of
the whole stack. Each code is looked up once and added.

Axes: b images, c condition tokens, d depth, n codes, w width.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from rqbench.api import ChooseAll, CodeLayout
from rqbench_priors.transformer import KeyValueCache, Stack

from .inputs import Inputs, Logits
from .stack import DecodingStack


@dataclass(frozen=True)
class StackedParts:
    """What the loop takes from a prior.

    Attributes:
        body_inputs: the stack of position t enters at place t.
        depth_inputs: the codes at depths 0 to d enter at place d.
        first_place: Float[w], the place at which the body's output enters the depth layers.
    """

    body: Stack
    depth_stack: Stack
    body_inputs: Inputs
    depth_inputs: Inputs
    first_place: Tensor
    logits: Logits


class RunningSum:
    """The sum of the vectors of one stack's codes so far."""

    total: Tensor  # b e

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs

    def add(self, codes: Int[Tensor, " b"], depth: int) -> None:
        vectors = self.inputs.look_up(codes, depth)
        self.total = self.total + vectors if depth else vectors


@torch.no_grad()
def draw_stacks(
    parts: StackedParts, layout: CodeLayout, choose: ChooseAll, prefix: Float[Tensor, "b c w"]
) -> Int[Tensor, "b n"]:
    """Codes in raster order, depth innermost."""
    rows, first = prefix.shape[:2]
    num_positions = layout.height * layout.width
    cache = KeyValueCache(len(parts.body.blocks), first)
    stream = parts.body.step(prefix, cache)[:, -1]
    body = DecodingStack(parts.body.blocks, rows, first + num_positions - 1, cache)
    depth_stack = DecodingStack(parts.depth_stack.blocks, rows, layout.depth)
    body_sum, depth_sum = RunningSum(parts.body_inputs), RunningSum(parts.depth_inputs)
    if parts.body_inputs.are_projected:  # both add up the tokenizer's vectors
        depth_sum = body_sum
    codes: list[Tensor] = []
    for position in range(num_positions):
        if position:
            stream = parts.body_inputs.at(body_sum.total, position - 1)
            body.step(stream)
        depth_stack.length = 0
        for depth in range(layout.depth):
            newest = (
                parts.depth_inputs.at(depth_sum.total, depth - 1)
                if depth
                else stream + parts.first_place
            )
            depth_stack.step(newest)
            codes.append(choose(parts.logits.at(newest, depth), len(codes), depth))
            body_sum.add(codes[-1], depth)
            if depth_sum is not body_sum:
                depth_sum.add(codes[-1], depth)
    return torch.stack(codes, dim=1)
