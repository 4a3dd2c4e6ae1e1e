"""Seeds: every random draw is a function of what it is for, never of what ran before it."""

import hashlib

import torch


def derive_seed(*parts: object) -> int:
    """A 63-bit seed from any printable parts, such as (seed, stage, step, purpose)."""
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def generator(*parts: object) -> torch.Generator:
    """A CPU generator seeded by the parts."""
    return torch.Generator().manual_seed(derive_seed(*parts))
