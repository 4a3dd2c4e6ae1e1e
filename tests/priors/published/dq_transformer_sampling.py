"""The published sampling loop once more, for one image, without any cache: every step runs both
transformers over the whole prefix. Each drawn symbol takes the next uniform number."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from .dq_transformer_equations import State, head, ids, places, what_stream, where_stream
from .dq_transformer_keys import Sizes


@dataclass(frozen=True)
class Sampler:
    """Which of the published sampler's rules hold, and how it narrows."""

    any_order: bool = False
    last_never_coarse: bool = False
    pad_at_end: bool = False
    unshifted: bool = False
    free_fine: bool = False
    start_cell_forbidden: bool = False
    temperature: float = 1.0
    top_k: int | None = None
    top_p: float = 1.0
    top_k_pos: int | None = None
    top_p_pos: float = 1.0


def pick(logits: Tensor, k: int | None, p: float, u: float) -> int:
    """Top-k with ties kept, softmax, the smallest prefix that reaches p, then the inverse
    cumulative sum."""
    kept = sorted(logits.tolist(), reverse=True)
    threshold = kept[min(k or len(kept), len(kept)) - 1]
    weights = torch.where(logits >= threshold, logits, -torch.inf).double().softmax(-1)
    order = sorted(range(len(weights)), key=lambda i: -weights[i].item())
    chosen, mass = [], 0.0
    for i in order:
        if mass < p or p == 1:
            chosen.append(i)
        mass += weights[i].item()
    total = sum(weights[i].item() for i in chosen)
    running = 0.0
    for i in sorted(chosen):
        running += weights[i].item()
        if running > u * total:
            return i
    raise AssertionError("u is below 1")


def sample(
    state: State,
    sizes: Sizes,
    rules: Sampler,
    numbers: Iterator[float],
    label: int | None = None,
    order: str = "row-first",
) -> tuple[list[list[int]], list[list[int]]]:
    """A code map and a grain map."""
    content, coarse, fine = ids(sizes, label or 0)
    contents, positions = [content.start], [coarse.start]
    forbidden_content = list(range(content.pad, len(state["content_emb.weight"])))

    def draw_content(v: Tensor) -> int:
        logits = head(state, "content_head", what_stream(state, sizes, v)[-1]) / rules.temperature
        logits[forbidden_content] = -torch.inf
        return pick(logits, rules.top_k, rules.top_p, next(numbers))

    def draw_position(h: Tensor, allowed: list[int], end: int) -> int:
        if not allowed:
            return end
        logits = head(state, "position_head", h[-1]) / rules.temperature
        masked = torch.full_like(logits, -torch.inf)
        masked[[*allowed, end]] = logits[[*allowed, end]]
        return pick(masked, rules.top_k_pos, rules.top_p_pos, next(numbers))

    while positions[-1] != coarse.end:
        named = positions[1:]
        allowed = [r for r in range(sizes.num_regions) if r not in named]
        if not rules.any_order and named:
            allowed = [r for r in allowed if r > named[-1]]
        if rules.last_never_coarse:
            allowed = [r for r in allowed if r != sizes.num_regions - 1]
        h = where_stream(state, sizes, contents, positions, len(contents))
        positions.append(draw_position(h, allowed, coarse.end))
        if positions[-1] == coarse.end:
            contents.append(content.pad if rules.pad_at_end else content.end)
        else:
            contents.append(draw_content(h + places(state, positions, len(positions))[1:]))

    num_coarse, side = len(contents), sizes.coarse_side
    named = positions[1:-1]

    def region(cell: int) -> int:
        return cell // (2 * side) // 2 * side + cell % (2 * side) // 2

    contents.append(content.start)
    positions.append(fine.start)
    cells = [cell for cell in range(sizes.num_cells) if region(cell) not in named]
    if order == "region-first":
        cells.sort(key=lambda cell: (region(cell), cell))
    while True:
        drawn = positions[num_coarse + 1 :]
        h = where_stream(state, sizes, contents, positions, num_coarse)
        left = [cell for cell in cells if cell not in drawn]
        if rules.free_fine:
            if rules.start_cell_forbidden and label is not None:
                left = [cell for cell in left if cell != coarse.start]
            positions.append(draw_position(h, sorted(left), fine.end))
        else:
            positions.append(left[0] if left else fine.end)
        if positions[-1] == fine.end:
            break
        shifted = places(state, positions, num_coarse)[1:]
        if rules.unshifted:
            own = places(state, positions[:num_coarse], num_coarse)
            shifted = torch.cat([own, shifted[num_coarse:]])
        contents.append(draw_content(h + shifted))

    code_map = [[0] * (2 * side) for _ in range(2 * side)]
    grain_map = [[1] * side for _ in range(side)]
    for index, code in zip(named, contents[1:], strict=False):
        i, j = divmod(index, side)
        grain_map[i][j] = 0
        for a, b in ((0, 0), (0, 1), (1, 0), (1, 1)):
            code_map[2 * i + a][2 * j + b] = code
    for cell, code in zip(positions[num_coarse + 1 : -1], contents[num_coarse + 1 :], strict=True):
        code_map[cell // (2 * side)][cell % (2 * side)] = code
    return code_map, grain_map
