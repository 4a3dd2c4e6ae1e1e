"""The loop of the raster prior on codes of fixed length.

Axes: b images, c condition tokens, n codes, w width.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from rqbench.api import ChooseAll, CodeLayout
from rqbench_priors.transformer import KeyValueCache, Stack

from .inputs import Inputs, Logits
from .stack import DecodingStack


@torch.no_grad()
def draw_raster(
    stack: Stack,
    inputs: Inputs,
    logits: Logits,
    layout: CodeLayout,
    choose: ChooseAll,
    prefix: Float[Tensor, "b c w"],
) -> Int[Tensor, "b n"]:
    """Codes in the order they are drawn; code i enters at place i of `inputs`."""
    rows, first = prefix.shape[:2]
    cache = KeyValueCache(len(stack.blocks), first)
    stream = stack.step(prefix, cache)[:, -1]
    decoding = DecodingStack(stack.blocks, rows, first + layout.max_codes - 1, cache)
    codes: list[Tensor] = []
    for drawn in range(layout.max_codes):
        if drawn:
            vectors = inputs.look_up(codes[-1], (drawn - 1) % layout.depth)
            stream = inputs.at(vectors, drawn - 1)
            decoding.step(stream)
        depth = drawn % layout.depth
        codes.append(choose(logits.at(stream, depth), drawn, depth))
    return torch.stack(codes, dim=1)
