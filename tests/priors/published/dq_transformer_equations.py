"""The published DQ-Transformer once more, as plain equations on its state dict, for one image.

Sequences are lists of ids; slots are counted from 0 over the coarse and then the fine part.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from .dq_transformer_keys import Sizes

State = dict[str, Tensor]


@dataclass(frozen=True)
class Ids:
    """Pad, end and start of one kind of id."""

    pad: int
    end: int
    start: int


def ids(sizes: Sizes, label: int = 0) -> tuple[Ids, Ids, Ids]:
    """Of contents, coarse positions and fine positions."""
    counts = sizes.codebook_size, sizes.num_regions, sizes.num_cells
    content, coarse, fine = (Ids(n, n + 1, n + 2 + label) for n in counts)
    return content, coarse, fine


@dataclass(frozen=True)
class Sequence:
    """Contents and positions of both parts, without start tokens."""

    coarse_content: list[int]
    coarse_position: list[int]
    fine_content: list[int]
    fine_position: list[int]


def sequence(
    code_map: list[list[int]], grain_map: list[list[int]], order: str, sizes: Sizes
) -> Sequence:
    """An image's codes in order, each part with its end."""
    content, coarse, fine = ids(sizes)
    rows, columns = len(grain_map), len(grain_map[0])
    regions = [(i, j) for i in range(rows) for j in range(columns)]
    named = [(i, j) for i, j in regions if grain_map[i][j] == 0]
    cells = [(y, x) for y in range(2 * rows) for x in range(2 * columns)]
    if order == "region-first":
        cells = [(2 * i + a, 2 * j + b) for i, j in regions for a in (0, 1) for b in (0, 1)]
    cells = [(y, x) for y, x in cells if grain_map[y // 2][x // 2] == 1]
    return Sequence(
        [code_map[2 * i][2 * j] for i, j in named] + [content.end],
        [columns * i + j for i, j in named] + [coarse.end],
        [code_map[y][x] for y, x in cells] + [content.end],
        [2 * columns * y + x for y, x in cells] + [fine.end],
    )


def linear(state: State, key: str, x: Tensor) -> Tensor:
    return x @ state[f"{key}.weight"].T + state[f"{key}.bias"]


def norm(state: State, key: str, x: Tensor) -> Tensor:
    centred = x - x.mean(-1, keepdim=True)
    scaled = centred / (centred.square().mean(-1, keepdim=True) + 1e-5).sqrt()
    return scaled * state[f"{key}.weight"] + state[f"{key}.bias"]


def transformer(state: State, stack: str, layers: int, heads: int, x: Tensor) -> Tensor:
    """t d -> t d."""
    length, width = x.shape
    later = torch.ones(length, length).triu(1).bool()
    for i in range(layers):
        key = f"{stack}.{i}"
        seen = norm(state, f"{key}.ln1", x)
        q, k, v = (
            linear(state, f"{key}.attn.{name}", seen).view(length, heads, -1).transpose(0, 1)
            for name in ("query", "key", "value")
        )
        scores = q @ k.transpose(1, 2) * (width // heads) ** -0.5
        mixed = scores.masked_fill(later, -torch.inf).softmax(-1) @ v
        x = x + linear(state, f"{key}.attn.proj", mixed.transpose(0, 1).reshape(length, width))
        hidden = F.gelu(linear(state, f"{key}.mlp.0", norm(state, f"{key}.ln2", x)))
        x = x + linear(state, f"{key}.mlp.2", hidden)
    return x


def where_stream(
    state: State, sizes: Sizes, contents: list[int], positions: list[int], num_coarse: int
) -> Tensor:
    """h_t of the position transformer at all given slots, the first `num_coarse` of them coarse."""
    fine = [slot >= num_coarse for slot in range(len(contents))]
    u = state["content_emb.weight"][contents] + places(state, positions, num_coarse)
    u = u + state["pos_emb"][0, : len(contents)] + state["seg_emb.weight"][[int(f) for f in fine]]
    return transformer(state, "position_transformer", sizes.position_layers, sizes.heads, u)


def places(state: State, positions: list[int], num_coarse: int) -> Tensor:
    """E_p of all slots, the first `num_coarse` of them in the coarse table."""
    coarse, fine = positions[:num_coarse], positions[num_coarse:]
    return torch.cat(
        [
            state["content_coarse_pos_emb.weight"][coarse],
            state["content_fine_pos_emb.weight"][fine],
        ]
    )


def what_stream(state: State, sizes: Sizes, v: Tensor) -> Tensor:
    return transformer(state, "content_transformer", sizes.content_layers, sizes.heads, v)


def head(state: State, name: str, stream: Tensor) -> Tensor:
    return norm(state, f"{name}.0", stream) @ state[f"{name}.1.weight"].T


def forward(state: State, sizes: Sizes, told: Sequence, label: int = 0) -> tuple[Tensor, Tensor]:
    """Position and content logits at slots 0 to T - 2."""
    content, coarse, fine = ids(sizes, label)
    contents = [content.start, *told.coarse_content, content.start, *told.fine_content]
    positions = [coarse.start, *told.coarse_position, fine.start, *told.fine_position]
    num_coarse = 1 + len(told.coarse_content)
    h = where_stream(state, sizes, contents[:-1], positions[:-1], num_coarse)
    w = what_stream(state, sizes, h + places(state, positions, num_coarse)[1:])
    return head(state, "position_head", h), head(state, "content_head", w)


def losses(
    logits: tuple[Tensor, Tensor], sizes: Sizes, told: Sequence, label: int = 0
) -> tuple[float, float]:
    """The published position and content loss of one image, in nats."""
    content, _, fine = ids(sizes, label)
    where, what = (values.log_softmax(-1) for values in logits)
    coarse_targets = told.coarse_position
    fine_targets = [fine.start, *told.fine_position]
    terms = [-where[t, target].item() for t, target in enumerate(coarse_targets + fine_targets)]
    coarse, rest = terms[: len(coarse_targets)], terms[len(coarse_targets) :]
    targets = [*told.coarse_content, content.start, *told.fine_content]
    contents = [-what[t, target].item() for t, target in enumerate(targets)]
    position = (sum(coarse) / len(coarse) + sum(rest) / len(rest)) / 2
    return position, sum(contents) / len(contents)
