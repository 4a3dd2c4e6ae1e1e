"""The published DQ-VAE as plain equations on a state dict; images in [-1, 1]."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from .conv_equations import State, convolve, decoder, encoder_head, encoder_levels, normalise, swish


def entropy(x: Tensor, patch: int, lowest: float) -> Tensor:
    """b r c, with 32 bins from `lowest` to 1."""
    gray = 0.2989 * x[:, 0] + 0.5870 * x[:, 1] + 0.1140 * x[:, 2]
    b, height, width = gray.shape
    patches = gray.reshape(b, height // patch, patch, width // patch, patch).transpose(2, 3)
    values = patches.reshape(b, height // patch, width // patch, patch * patch)
    bins = torch.linspace(lowest, 1, 32)
    kernel = torch.exp(-0.5 * ((values[..., None] - bins) / 0.01) ** 2)
    p = kernel.mean(dim=-2)
    p = p / (p.sum(dim=-1, keepdim=True) + 1e-40) + 1e-40
    return -(p * torch.log(p)).sum(dim=-1)


def features(
    state: State, dd: Mapping[str, Any], x: Tensor, grains: tuple[str, ...]
) -> list[Tensor]:
    """Of each grain on its own grid, coarse to fine."""
    levels = encoder_levels(state, dd, x)
    taps = levels[::-1][: len(grains)]
    return [encoder_head(state, tap, f"_{grain}") for tap, grain in zip(taps, grains, strict=True)]


def gate_logits(
    state: State,
    found: list[Tensor],
    grains: tuple[str, ...],
    groups: int,
    activation: Callable[[Tensor], Tensor] = swish,
) -> Tensor:
    """b r c g, coarse first."""
    side, parts = found[0].shape[2], []
    for feature, grain in zip(found, grains, strict=True):
        name = f"encoder.router.feature_norm_{grain}"
        normal = normalise(state, name, feature, groups) if f"{name}.weight" in state else feature
        parts.append(F.avg_pool2d(normal, feature.shape[2] // side))
    h = torch.cat(parts, dim=1).permute(0, 2, 3, 1)
    if "encoder.router.gate.weight" in state:
        return F.linear(h, state["encoder.router.gate.weight"], state["encoder.router.gate.bias"])
    first, second = "encoder.router.gate.0", "encoder.router.gate.2"
    h = activation(F.linear(h, state[f"{first}.weight"], state[f"{first}.bias"]))
    return F.linear(h, state[f"{second}.weight"], state[f"{second}.bias"])


def repeated(grid: Tensor, side: int) -> Tensor:
    """A map b _ h w on a finer grid of this side."""
    times = side // grid.shape[-1]
    return grid.repeat_interleave(times, dim=-1).repeat_interleave(times, dim=-2)


def merged(state: State, found: list[Tensor], grain_map: Tensor, gate: Tensor | None) -> Tensor:
    """Latents b h w e. A gate, b r c g of one-hot rows, multiplies with its largest entry."""
    side = found[-1].shape[-1]
    grains = repeated(grain_map[:, None], side)
    h = torch.zeros_like(found[-1])
    for grain, feature in enumerate(found):
        h = h + repeated(feature, side) * (grains == grain)
    if gate is not None:
        h = h * repeated(gate.amax(dim=-1)[:, None], side)
    return convolve(state, "quant_conv", h).permute(0, 2, 3, 1)


def mask(grain_map: Tensor, num_grains: int, side: int) -> Tensor:
    """b h w 1: what each cell weighs, so that each code weighs 1."""
    weights = torch.tensor([0.25 ** (num_grains - 1 - grain) for grain in range(num_grains)])
    return repeated(weights[grain_map][:, None], side).permute(0, 2, 3, 1)


def losses(latents: Tensor, quantized: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """The term that moves the encoder, and the one that only has a value."""
    error = weights * (quantized.detach() - latents).square()
    return 0.25 * error.mean(), error.mean().detach()


def images(state: State, dd: Mapping[str, Any], quantized: Tensor) -> Tensor:
    z = convolve(state, "post_quant_conv", quantized.permute(0, 3, 1, 2))
    side = z.shape[-1]
    line = torch.linspace(-1, 1, side)
    column, row = line.repeat(side, 1), line.repeat(side, 1).T
    plane = torch.stack([column, row])[None]
    z = z + torch.sin(convolve(state, "decoder.position_bias_fourier.lff.ffm.conv", plane))
    rows = state["decoder.position_bias_learned.row_embed.weight"]
    columns = state["decoder.position_bias_learned.col_embed.weight"]
    learned = columns[None, :, :] + rows[:, None, :]  # h w z
    return decoder(state, dd, z + learned.permute(2, 0, 1))


FLAT_ENTROPY = math.log(2)
"""Of a patch of the gray level 0, which lies midway between two of the bins on [-1, 1]."""
