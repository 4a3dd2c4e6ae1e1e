"""The published RQ-Transformer, its losses and its sampling as equations on its state dict; no code
of rqbench. Codes are b t d, condition tokens b c, the codebook k e."""

import math
import re

import torch
from torch import Tensor

from .block_equations import State, block, linear, norm, pick


def body(state: State, heads: int, codebook: Tensor, condition: Tensor, codes: Tensor) -> Tensor:
    """The stream behind all condition tokens and all positions but the last."""
    tokens = state["cond_emb.weight"][condition] + state["pos_emb_cond"]
    projected = linear(state, "input_mlp", codebook[codes[:, :-1]])  # b t d w, each with its bias
    positions = projected.sum(dim=2) + state["pos_emb_hw"][:, : codes.shape[1] - 1]
    return _stack(state, "body_transformer", heads, torch.cat([tokens, positions], dim=1))


def logits(
    state: State, heads: tuple[int, int], codebook: Tensor, condition: Tensor, codes: Tensor
) -> Tensor:
    """b t d k."""
    b, t, d = codes.shape
    stream = body(state, heads[0], codebook, condition, codes)[:, condition.shape[1] - 1 :]
    inputs = [stream]
    total = torch.zeros(b, t, codebook.shape[1])
    for depth in range(d - 1):
        total = total + codebook[codes[:, :, depth]]
        inputs.append(linear(state, "head_mlp", total))
    v = torch.stack(inputs, dim=2) + state["pos_emb_d"][:, None]
    v = _stack(state, "head_transformer", heads[1], v.reshape(b * t, d, -1))
    return linear(state, "classifier.linear", norm(state, "classifier.layer_norm", v)).view(
        b, t, d, -1
    )


def condition_logits(
    state: State, heads: int, codebook: Tensor, condition: Tensor, codes: Tensor
) -> Tensor:
    """Of condition tokens 1 to c - 1."""
    stream = body(state, heads, codebook, condition, codes)[:, : condition.shape[1] - 1]
    return linear(
        state, "cond_classifier.linear", norm(state, "cond_classifier.layer_norm", stream)
    )


def soft_loss(found: Tensor, targets: Tensor) -> Tensor:
    """Mean over codes of minus sum_k p log(q + 1e-7)."""
    return -(targets * torch.log(found.softmax(dim=-1) + 1e-7)).sum(dim=-1).mean()


def sample(
    state: State, heads: tuple[int, int], codebook: Tensor, condition: Tensor, u: Tensor,
    temperature: float, top_k: list[int], top_p: list[float],
) -> Tensor:  # fmt: skip
    """The whole model again for each code, of which those to come are 0; u b t d -> codes b t d."""
    codes = torch.zeros(u.shape, dtype=torch.int64)
    for position in range(u.shape[1]):
        for depth in range(u.shape[2]):
            found = logits(state, heads, codebook, condition, codes)[:, position, depth]
            kept = filtered(found / temperature, top_k[depth], top_p[depth])
            codes[:, position, depth] = pick(kept, u[:, position, depth])
    return codes


def filtered(row: Tensor, top_k: int, top_p: float) -> Tensor:
    """Probabilities after top-k (ties stay) and then top-p: the smallest prefix of the sorted ones
    whose sum reaches p."""
    kth = row.sort(dim=-1, descending=True).values[:, min(top_k, row.shape[-1]) - 1, None]
    probabilities = row.masked_fill(row < kth, -math.inf).double().softmax(dim=-1)
    result = torch.zeros_like(probabilities)
    for image, values in enumerate(probabilities):
        total = 0.0
        for symbol in values.argsort(descending=True, stable=True):
            result[image, symbol] = values[symbol]
            total += float(values[symbol])
            if total >= top_p:
                break
    return result


def _stack(state: State, stack: str, heads: int, x: Tensor) -> Tensor:
    found = {int(m[1]) for key in state if (m := re.match(rf"{stack}\.blocks\.(\d+)\.", key))}
    mask = torch.ones(x.shape[1], x.shape[1]).tril()
    for i in sorted(found):
        x = block(state, f"{stack}.blocks.{i}", x, heads, mask)
    return x
