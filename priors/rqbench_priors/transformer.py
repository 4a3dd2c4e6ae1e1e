"""The causal transformer that all priors share, with a static key-value cache for decoding.

Pre-LN blocks, heads of width / heads, exact GELU, a hidden layer of 4 widths, LayerNorm eps 1e-5
(Radford et al. 2019; Lee et al. 2022, arXiv:2203.01941; Huang et al. 2023). No LayerNorm at the
end: heads bring theirs.

Axes: b rows, t places in the sequence, w width.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from einops import rearrange
from jaxtyping import Float, Int
from pydantic import Field, model_validator
from torch import Tensor, nn

from rqbench.api import Config

INIT_STD = 0.02


class TransformerConfig(Config):
    """What every prior has to be told about its transformer, its inputs and its output."""

    width: int = Field(128, ge=1, description="of the residual stream")
    heads: int = Field(4, ge=1, description="attention heads; must divide the width")
    mlp_width: int | None = Field(
        None, ge=1, description="of the hidden layers; None: four times `width`, as published"
    )
    dropout: float = Field(0.0, ge=0, lt=1, description="after each attention and each MLP")
    attention_dropout: float = Field(0.0, ge=0, lt=1, description="of attention weights")
    embedding_dropout: float = Field(
        0.0, ge=0, lt=1, description="of what enters the first of the prior's transformers"
    )
    inputs: Literal["learned", "codebook"] = Field(
        "learned", description="a code enters as a learned row, or as the tokenizer's frozen vector"
    )
    output_bias: Literal["none", "shared", "per-depth"] = Field(
        "per-depth", description="biases of the content logits; VQ published none, RQ one shared"
    )

    @model_validator(mode="after")
    def _heads_divide_width(self) -> "TransformerConfig":
        if self.width % self.heads:
            raise ValueError(
                f"width {self.width} does not divide into {self.heads} heads; "
                "choose a width that is a multiple of the heads"
            )
        return self


class KeyValueCache:
    """Keys and values of all layers, written in place into memory that is taken once.

    Attributes:
        length: filled places, the same in every row.
    """

    def __init__(self, num_layers: int, capacity: int) -> None:
        self.num_layers, self.capacity, self.length = num_layers, capacity, 0
        self._memory: Tensor | None = None  # layer, key or value, b, head, place, head size

    def write(
        self,
        layer: int,
        keys: Float[Tensor, "b heads t size"],
        values: Float[Tensor, "b heads t size"],
    ) -> tuple[Float[Tensor, "b heads all size"], Float[Tensor, "b heads all size"]]:
        """Put t places behind the filled ones; give everything that is there now."""
        if self._memory is None:
            rows, heads, _, size = keys.shape
            shape = self.num_layers, 2, rows, heads, self.capacity, size
            self._memory = keys.new_empty(shape)
        end = self.length + keys.shape[2]
        both = self._memory[layer]
        both[0, :, :, self.length : end] = keys
        both[1, :, :, self.length : end] = values
        return both[0, :, :, :end], both[1, :, :, :end]

    def advance(
        self, blocks: nn.ModuleList, stream: Float[Tensor, "b t w"]
    ) -> Float[Tensor, "b t w"]:
        """Let the newest places go through all blocks, and keep them."""
        for layer, block in enumerate(blocks):
            stream = block(stream, self, layer)
        self.length += stream.shape[1]
        return stream

    def filled(self, layer: int) -> Float[Tensor, "2 b heads t size"]:
        """Keys, then values."""
        assert self._memory is not None
        return self._memory[layer, ..., : self.length, :]

    def select(self, rows: Int[Tensor, " n"]) -> None:
        """Keep these rows only."""
        if self._memory is not None:
            filled = self._memory[:, :, rows, :, : self.length]
            self._memory = self._memory[:, :, : len(rows)]
            self._memory[..., : self.length, :] = filled

    def clear(self) -> None:
        """Start again in the same memory."""
        self.length = 0


class Block(nn.Module):
    """Attention and MLP, each on a normed copy of the stream and added to it."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        width, hidden = config.width, config.mlp_width or 4 * config.width
        self.heads, self.attention_dropout = config.heads, config.attention_dropout
        self.attention_norm = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)
        self.dropout = nn.Dropout(config.dropout)
        self.mlp = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, hidden),
            nn.GELU(),
            nn.Linear(hidden, width),
            nn.Dropout(config.dropout),
        )

    def forward(
        self, stream: Float[Tensor, "b t w"], cache: KeyValueCache | None = None, layer: int = 0
    ) -> Float[Tensor, "b t w"]:
        query, key, value = rearrange(
            self.query_key_value(self.attention_norm(stream)),
            "b t (three heads size) -> three b heads t size",
            three=3,
            heads=self.heads,
        )
        if cache is not None:
            key, value = cache.write(layer, key, value)
        # the newest place alone may look at everything; several places come first of all
        causal = query.shape[2] > 1
        dropout = self.attention_dropout if self.training else 0.0
        seen = F.scaled_dot_product_attention(
            query, key, value, dropout_p=dropout, is_causal=causal
        )
        stream = stream + self.dropout(self.project(rearrange(seen, "b h t s -> b t (h s)")))
        result: Tensor = stream + self.mlp(stream)
        return result


class Stack(nn.Module):
    """Blocks one after the other.

    Attributes:
        cache_type: of the caches that are made from now on.
    """

    cache_type: type[KeyValueCache] = KeyValueCache

    def __init__(self, num_layers: int, config: TransformerConfig) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Block(config) for _ in range(num_layers))

    def forward(self, stream: Float[Tensor, "b t w"]) -> Float[Tensor, "b t w"]:
        """The whole sequence at once, each place seeing itself and those before it."""
        for block in self.blocks:
            stream = block(stream)
        return stream

    def cache(self, capacity: int) -> KeyValueCache:
        """An empty cache for sequences of up to `capacity` places."""
        return self.cache_type(len(self.blocks), capacity)

    def step(self, stream: Float[Tensor, "b t w"], cache: KeyValueCache) -> Float[Tensor, "b t w"]:
        """The same for the newest places only: one, or several into an empty cache."""
        assert stream.shape[1] == 1 or cache.length == 0
        return cache.advance(self.blocks, stream)


def initialise(module: nn.Module) -> None:
    """Weights of linear layers and tables from N(0, 0.02), biases 0; for `Module.apply`."""
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=INIT_STD)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)


def learned_table(*shape: int) -> nn.Parameter:
    """A parameter from N(0, 0.02)."""
    return nn.Parameter(torch.randn(shape) * INIT_STD)
