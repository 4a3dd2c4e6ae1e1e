"""Seeded numbers for a published key tree, and a checkpoint as the model that it becomes."""

import math
import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from rqbench.api import (
    Checkpoint,
    CodeLayout,
    Codes,
    Described,
    Importer,
    Prior,
    Tokenizer,
    TokenizerOutput,
    build_prior,
)
from rqbench.importing.key_map import KeyMap, split_dropped

Shapes = Mapping[str, tuple[int, ...]]


def filled(shapes: Shapes, seed: int = 0) -> dict[str, Tensor]:
    """Weights that keep activations near 1: by the fan-in, norms near 1, masks causal."""
    source = torch.Generator().manual_seed(seed)
    return {key: _numbers(key, shape, source) for key, shape in shapes.items()}


def _numbers(key: str, shape: tuple[int, ...], source: torch.Generator) -> Tensor:
    if key.endswith(".mask"):
        return torch.ones(shape).tril()
    numbers = torch.randn(shape, generator=source)
    if re.search(r"(ln\d|ln_f|layer_norm)\.weight$", key):
        return 1 + 0.1 * numbers
    is_matrix = key.endswith(".weight") and len(shape) == 2 and "emb" not in key
    return numbers / math.sqrt(shape[1]) if is_matrix else 0.3 * numbers


def patterns(shapes: Shapes) -> list[str]:
    """The last key of each kind: what differs in its numbers is one kind."""
    return list({re.sub(r"\d+", "#", key): key for key in shapes}.values())


def imported(
    importer: Importer,
    state: Mapping[str, Tensor],
    config: Mapping[str, Any],
    tokenizer: Tokenizer | None = None,
) -> tuple[Prior, Described, KeyMap]:
    described = importer.describe(Checkpoint(state, config, "a test"), tokenizer)
    assert described.layout is not None
    codebook = None if tokenizer is None else tokenizer.codebook()
    prior = build_prior(
        described.type, described.config, described.layout, codebook, described.condition, "test"
    )
    keys = importer.keys(prior)
    below = Checkpoint(state, config, "a test").below(described.prefix)
    kept, _ = split_dropped(below, described.dropped)
    prior.load_state_dict(keys.translate(kept, prior.state_dict()))
    return prior.eval(), described, keys


class Vectors(Tokenizer):
    """A tokenizer of which nothing counts but its vectors: one table for all depths."""

    def __init__(self, side: int, depth: int, codebook_size: int, width: int) -> None:
        super().__init__(None)
        self.side, self.depth = side, depth
        source = torch.Generator().manual_seed(1)
        self.table = torch.randn(codebook_size, width, generator=source)

    @classmethod
    def tiny(cls) -> "Vectors":
        return cls(2, 1, 5, 4)

    def layout(self, resolution: int) -> CodeLayout:
        return CodeLayout(self.side, self.side, self.depth, len(self.table))

    def codebook(self) -> Tensor:
        return self.table.expand(self.depth, -1, -1)

    def forward(self, images: Tensor) -> TokenizerOutput:
        raise NotImplementedError

    def encode(self, images: Tensor) -> Codes:
        raise NotImplementedError

    def decode(self, codes: Codes) -> Tensor:
        raise NotImplementedError
