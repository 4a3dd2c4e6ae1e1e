"""A published transformer block as equations on its state dict; no code of rqbench."""

import math
from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

State = Mapping[str, Tensor]


def norm(state: State, key: str, x: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[-1:], state[f"{key}.weight"], state[f"{key}.bias"], 1e-5)


def linear(state: State, key: str, x: Tensor) -> Tensor:
    return x @ state[f"{key}.weight"].T + state[f"{key}.bias"]


def block(state: State, key: str, x: Tensor, heads: int, mask: Tensor) -> Tensor:
    """x + attention(ln1 x), then + mlp(ln2 x); mask 1 where a row's place sees a column's."""
    b, t, c = x.shape
    y = norm(state, f"{key}.ln1", x)
    q, k, v = (
        linear(state, f"{key}.attn.{name}", y).view(b, t, heads, c // heads).transpose(1, 2)
        for name in ("query", "key", "value")
    )
    weights = (q @ k.transpose(2, 3)) / math.sqrt(c // heads)
    weights = weights.masked_fill(mask == 0, -math.inf).softmax(dim=-1)
    x = x + linear(state, f"{key}.attn.proj", (weights @ v).transpose(1, 2).reshape(b, t, c))
    hidden = linear(state, f"{key}.mlp.0", norm(state, f"{key}.ln2", x))
    hidden = hidden * 0.5 * (1 + torch.erf(hidden / math.sqrt(2)))
    return x + linear(state, f"{key}.mlp.2", hidden)


def pick(probabilities: Tensor, u: Tensor) -> Tensor:
    """The first symbol at which the sum of probabilities, in ascending index, exceeds u times
    their total."""
    sums = probabilities.double().cumsum(dim=-1)
    return (sums <= u[:, None] * sums[:, -1:]).sum(dim=-1)
