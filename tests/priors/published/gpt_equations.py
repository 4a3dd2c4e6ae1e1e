"""The published GPT and its sampling as equations on its state dict; no code of rqbench."""

import math

import torch
from torch import Tensor

from .block_equations import State, block, norm, pick


def logits(state: State, heads: int, tokens: Tensor) -> Tensor:
    """tokens b t -> b t v."""
    length = tokens.shape[1]
    x = state["tok_emb.weight"][tokens] + state["pos_emb"][:, :length]
    layers = sum(key.endswith(".attn.mask") for key in state)
    for i in range(layers):
        mask = state[f"blocks.{i}.attn.mask"][0, 0, :length, :length]
        x = block(state, f"blocks.{i}", x, heads, mask)
    return norm(state, "ln_f", x) @ state["head.weight"].T


def teacher_forced(state: State, heads: int, condition: Tensor, codes: Tensor) -> Tensor:
    """condition b c, codes b n -> b n v."""
    sequence = torch.cat([condition, codes], dim=1)[:, :-1]
    return logits(state, heads, sequence)[:, condition.shape[1] - 1 :]


def sample(
    state: State, heads: int, condition: Tensor, u: Tensor,
    temperature: float, top_k: int | None, top_p: float,
) -> Tensor:  # fmt: skip
    """The whole sequence again for each code; u b n -> codes b n."""
    tokens = condition
    for n in range(u.shape[1]):
        row = logits(state, heads, tokens)[:, -1] / temperature
        probabilities = filtered(row, top_k, top_p).softmax(dim=-1)
        tokens = torch.cat([tokens, pick(probabilities, u[:, n])[:, None]], dim=1)
    return tokens[:, condition.shape[1] :]


def filtered(row: Tensor, top_k: int | None, top_p: float) -> Tensor:
    """The fast path's filter: nothing without top-k; ties with the k-th stay; with top-p below 1
    what has more than p before it goes, never the first."""
    if not top_k:
        return row
    kth = row.sort(dim=-1, descending=True).values[:, min(top_k, row.shape[-1]) - 1, None]
    row = row.masked_fill(row < kth, -math.inf)
    if top_p < 1.0:
        values, order = row.sort(dim=-1, descending=True)
        remove = values.double().softmax(dim=-1).cumsum(dim=-1) > top_p
        remove[:, 1:] = remove[:, :-1].clone()
        remove[:, 0] = False
        row = row.masked_fill(remove.gather(1, order.argsort(dim=-1)), -math.inf)
    return row
