"""Residual quantization: each code describes what those before it left over.

Source: Lee et al. 2022, arXiv:2203.01941, section 3.1. One code a position (plain VQ) is the stack
of depth 1.
"""

import math
from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor

from rqbench.api import Filter, choose_by_uniform

from .moving_average import starting_vectors
from .nearest import full_precision, nearest

VECTORS_PER_BLOCK = 2**15
"""That go through all depths before the next ones: what is left of so many is held, not of all."""


@torch.no_grad()
def residual_codes(
    latents: Float[Tensor, "b h w e"], codebooks: Float[Tensor, "d k e"]
) -> Int[Tensor, "b h w d"]:
    """Describe each latent by d codes, each naming the vector nearest to what is left.

    Args:
        latents: encoder output in single or double precision, any scale.
        codebooks: one per depth; to share one, pass `shared.expand(d, -1, -1)`.

    Raises:
        TypeError: latents in half precision, where near ties pick the wrong code.
    """
    codes = []
    for block in torch.split(latents.flatten(0, 2), VECTORS_PER_BLOCK):
        residual, stack = block, []
        for codebook in codebooks:
            stack.append(nearest(residual, codebook))
            residual = residual - codebook[stack[-1]]
        codes.append(torch.stack(stack, dim=-1))
    return torch.cat(codes).view(*latents.shape[:3], len(codebooks))


@torch.no_grad()
def residual_quantize(
    latents: Float[Tensor, "b h w e"], codebooks: Float[Tensor, "d k e"]
) -> tuple[Int[Tensor, "b h w d"], Float[Tensor, "b h w d e"]]:
    """The codes of `residual_codes`, and the sums of the vectors that the first 1, 2, ... d of them
    name; the last is what the decoder sees. No gradient: the caller adds the straight-through term.
    """
    codes = residual_codes(latents, codebooks)
    prefixes = latents.new_empty(*codes.shape, latents.shape[-1])
    for depth, codebook in enumerate(codebooks):
        vectors = codebook[codes[..., depth]]
        prefixes[..., depth, :] = prefixes[..., depth - 1, :] + vectors if depth else vectors
    return codes, prefixes


def embed(
    codes: Int[Tensor, "b h w d"], codebooks: Float[Tensor, "d k e"]
) -> Float[Tensor, "b h w e"]:
    """The sum of the vectors that a position's codes name, in the order of the depths."""
    quantized = codebooks[0][codes[..., 0]]
    for depth in range(1, codes.shape[-1]):
        quantized = quantized + codebooks[depth][codes[..., depth]]
    return quantized


def commitment(
    latents: Float[Tensor, "b h w e"],
    prefixes: Float[Tensor, "b h w d e"],
    reduction: Literal["mean", "sum"] = "mean",
) -> Float[Tensor, ""]:
    """Mean squared error between latents and each prefix, which gets no gradient; over the depths
    the mean (as the code of arXiv:2203.01941 has it) or the sum (as its text has it)."""
    errors = (latents[..., None, :] - prefixes.detach()).square().mean(dim=(0, 1, 2, 4))  # d
    return errors.mean() if reduction == "mean" else errors.sum()


@torch.no_grad()
def soft_residual(
    latents: Float[Tensor, "b h w e"],
    codebooks: Float[Tensor, "d k e"],
    temperature: float,
    generator: torch.Generator | None = None,
) -> tuple[Float[Tensor, "b h w d k"], Int[Tensor, "b h w d"]]:
    """Draw each code from a distribution that falls with the squared distance over `temperature`.

    The residual goes on with the code that was drawn, so later distributions depend on it. The
    draws come from `generator`, wherever that one lives, and so do not depend on the device;
    without one the nearest code is taken. A temperature is a squared distance, and so has to fit
    the scale of these latents.

    Source: Lee et al. 2022, arXiv:2203.01941, section 3.3.
    """
    residual = latents.flatten(0, 2)  # (b h w) e
    codes, distributions = [], []
    for codebook in codebooks:
        with full_precision(residual):
            squared_distances = torch.cdist(residual, codebook).square()
        logits = -squared_distances / temperature
        code = nearest(residual, codebook) if generator is None else draw(logits, generator)
        residual = residual - codebook[code]
        codes.append(code.view(latents.shape[:3]))
        distributions.append(logits.softmax(dim=-1).view(*latents.shape[:3], -1))
    return torch.stack(distributions, dim=-2), torch.stack(codes, dim=-1)


def draw(logits: Float[Tensor, "n k"], generator: torch.Generator) -> Int[Tensor, " n"]:
    """One code a row; the same ones wherever the logits lie."""
    u = torch.rand(len(logits), generator=generator, device=generator.device)
    legal = torch.ones_like(logits, dtype=torch.bool)
    return choose_by_uniform(logits, legal, u.to(logits.device).double(), Filter())


@torch.no_grad()
def starting_codebooks(
    latents: Float[Tensor, "b h w e"], depth: int, size: int, shared: bool
) -> Float[Tensor, "d k e"]:
    """First codebooks for these latents, each made from what those before it leave over.

    A shared one gives each depth an equal part of its codes: residuals shrink with depth, and a
    table of first-depth vectors alone would only push them away.
    """
    residual = latents.flatten(0, 2)
    weights = torch.ones_like(residual[:, 0])
    tables: list[Tensor] = []
    edges = [math.ceil(size * index / depth) for index in range(depth + 1)]
    for index in range(depth):
        part = edges[index + 1] - edges[index] if shared else size
        if part:
            tables.append(starting_vectors(residual, weights, part))
        known = torch.cat(tables) if shared else tables[-1]
        residual = residual - known[nearest(residual, known)]
    return torch.cat(tables).expand(depth, -1, -1) if shared else torch.stack(tables)
