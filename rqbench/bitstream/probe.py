"""A small computation whose last bits tell machines apart.

Nobody has a list of all that decides them: builds of libraries, the make of the processor,
environment variables such as MKL_CBWR and ONEDNN_MAX_CPU_ISA, torch's switches for oneDNN and for
kinds of attention. So the operations that priors are made of are run once, and looked at.
"""

import hashlib
import math

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float
from torch import Tensor

WIDTH, HEADS, PLACES, SYMBOLS = 96, 4, 7, 256


def arithmetic_digest(device: torch.device, num_rows: int) -> str:
    """SHA-256 of what attention, normalization, an activation, products of matrices and the
    softmax of logits give for made-up rows; call it where arithmetic is pinned."""
    queries = made_up(device, num_rows, WIDTH)
    mixed = F.linear(queries, made_up(device, 3 * WIDTH, WIDTH))
    query, key, value = rearrange(
        mixed, "b (three heads size) -> three b heads 1 size", three=3, heads=HEADS
    )
    places = made_up(device, PLACES, 1)
    seen = F.scaled_dot_product_attention(query, key * places, value * places)
    stream = queries + rearrange(seen, "b heads 1 size -> b (heads size)")
    stream = F.gelu(F.layer_norm(stream, (WIDTH,)))
    logits = F.linear(stream, made_up(device, SYMBOLS, WIDTH))
    return hashlib.sha256(logits.double().softmax(dim=-1).cpu().numpy().tobytes()).hexdigest()


def made_up(device: torch.device, *shape: int) -> Float[Tensor, "..."]:
    """Numbers in [-0.5, 0.5) that are the same everywhere: whole ones, divided once."""
    scattered = torch.arange(math.prod(shape), device=device) * 7919 % 1009
    return scattered.float().view(shape) / 1009 - 0.5
