"""The published residual quantizer as plain equations on a state dict."""

import torch
from torch import Tensor

from .conv_equations import State, nearest
from .moving_average_equations import Table


def tables(state: State, depth: int) -> list[Table]:
    """One for each depth, without padding rows."""
    names = [f"quantizer.codebooks.{index}" for index in range(depth)]
    return [
        Table(
            state[f"{name}.weight"][:-1],
            state[f"{name}.cluster_size_ema"],
            state[f"{name}.embed_ema"],
        )
        for name in names
    ]


def quantize(
    latents: Tensor, books: list[Table], learn: bool = False
) -> tuple[Tensor, list[Tensor]]:
    """Codes b h w d, and the sums of the first 1, 2, ... vectors. Learning updates each book as
    soon as it was searched, and a book that several depths share for each of them."""
    residual, quantized = latents, torch.zeros_like(latents)
    codes, sums = [], []
    for book in books:
        code = nearest(residual, book.vectors)
        vectors = book.vectors[code]
        if learn:
            book.update(residual.flatten(0, 2), code.flatten())
        residual, quantized = residual - vectors, quantized + vectors
        codes.append(code)
        sums.append(quantized)
    return torch.stack(codes, dim=-1), sums


def commitment(latents: Tensor, sums: list[Tensor]) -> Tensor:
    return torch.stack([(latents - each).square().mean() for each in sums]).mean()


def soft_codes(latents: Tensor, books: list[Table], temperature: float) -> Tensor:
    """Probabilities b h w d k, of the codes that are nearest."""
    residual, found = latents, []
    for book in books:
        distances = (residual[..., None, :] - book.vectors).square().sum(dim=-1)
        found.append(torch.softmax(-distances / temperature, dim=-1))
        residual = residual - book.vectors[distances.argmin(dim=-1)]
    return torch.stack(found, dim=-2)
