"""Checkpoints of the DQ-Transformer (released code of Huang et al. 2023)."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from torch import Tensor

from rqbench.api import (
    Checkpoint,
    CheckpointError,
    CodeLayout,
    ConditionSpec,
    Described,
    Importer,
    KeyMap,
    Prior,
    Tokenizer,
    find_values,
    same,
    with_shape,
)

from ..dq_tokens import Alphabets
from ..dq_transformer import DQTransformer
from .block_ties import block_ties
from .causal_masks import mask_ties
from .facts import agreed, beside, count_blocks, num_heads, size, whole

PREFIX = "transformer."
POSITION, CONTENT = "position_transformer", "content_transformer"
CONTENTS, CONTENT_HEAD = "content_emb.weight", "content_head.1.weight"
REGIONS = "content_coarse_pos_emb.weight"
CELLS, POSITION_HEAD = "content_fine_pos_emb.weight", "position_head.1.weight"
ORDERS = ("row-first", "region-first")
REGION_SIZE = 2
"""Cells per side of a region, which the released code has hard-wired."""


class DQTransformerImporter(Importer):
    """Beside its tokenizer in one file, below `transformer.`."""

    project = "DynamicVectorQuantization"
    kind = "prior"

    def recognises(self, keys: frozenset[str]) -> bool:
        stacks = f"{PREFIX}{POSITION}.", f"{PREFIX}{CONTENT}."
        return all(any(key.startswith(stack) for key in keys) for stack in stacks)

    def describe(self, checkpoint: Checkpoint, tokenizer: Tokenizer | None) -> Described:
        state, config = checkpoint.below(PREFIX), checkpoint.config

        def said(key: str) -> dict[str, Any]:  # of the prior: a tokenizer has no heads
            return beside(config, "n_head", key)

        layout, condition = _sizes(state, said)
        _check_ids(config, layout, Alphabets.of(layout, condition))
        _check_starts(config)
        width = size(
            "width",
            state,
            tuple((key, 1) for key in (CONTENTS, REGIONS, CELLS, CONTENT_HEAD, POSITION_HEAD)),
            said("n_embd"),
        )
        hidden = size("hidden width", state, ((f"{POSITION}.0.mlp.0.weight", 0),))
        heads = num_heads(said("n_head"), width, "the project's YAML of the second stage")
        order, notes = _fine_order(config)
        return Described(
            type="dq-transformer",
            config={
                "width": width,
                "heads": heads,
                "mlp_width": None if hidden == 4 * width else hidden,
                "position_layers": count_blocks(state, f"{POSITION}.", said("position_layer")),
                "content_layers": count_blocks(state, f"{CONTENT}.", said("content_layer")),
                "block_size": size("block size", state, (("pos_emb", 1),), said("block_size")),
                "fine_order": order,
                "loss": "published",
                "dropout": _share(said("resid_pdrop")),
                "attention_dropout": _share(said("attn_pdrop")),
                "embedding_dropout": _share(said("embd_pdrop")),
            },
            prefix=PREFIX,
            layout=layout,
            condition=condition,
            notes=(
                *notes,
                "Drawing follows the rule that makes the likelihood exact; those of the released "
                "sampler are options of the config (`rules`).",
                "The checkpoint names no sampling settings: all symbols at temperature 1.",
            ),
        )

    def keys(self, model: Tokenizer | Prior) -> KeyMap:
        assert isinstance(model, DQTransformer)
        slots, width = model.network.slots.shape
        position_layers = len(model.network.position_stack.blocks)
        content_layers = len(model.network.content_stack.blocks)
        masks = [f"{POSITION}.{i}.attn.mask" for i in range(position_layers)]
        masks += [f"{CONTENT}.{i}.attn.mask" for i in range(content_layers)]
        plain = {
            "contents.weight": CONTENTS,
            "regions.weight": REGIONS,
            "cells.weight": CELLS,
            "parts.weight": "seg_emb.weight",
            "position_head.weight": POSITION_HEAD,
            "position_norm.weight": "position_head.0.weight",
            "position_norm.bias": "position_head.0.bias",
            "content_head.weight": CONTENT_HEAD,
            "content_norm.weight": "content_head.0.weight",
            "content_norm.bias": "content_head.0.bias",
        }
        return KeyMap(
            (
                with_shape("network.slots", "pos_emb", 1, slots, width),
                *(same(f"network.{ours}", theirs) for ours, theirs in plain.items()),
                *block_ties("network.position_stack.blocks", POSITION, position_layers),
                *block_ties("network.content_stack.blocks", CONTENT, content_layers),
                *mask_ties(masks, slots),
            )
        )


def _sizes(
    state: Mapping[str, Tensor], said: Callable[[str], dict[str, Any]]
) -> tuple[CodeLayout, ConditionSpec | None]:
    """Tables of contents, regions and cells have a row for each of them, a pad, an end, and the
    start symbols: the classes, or one. A region has four cells."""
    contents = size(
        "number of contents", state, ((CONTENTS, 0), (CONTENT_HEAD, 0)), said("vocab_size")
    )
    regions = size(
        "number of coarse positions", state, ((REGIONS, 0),), said("coarse_position_size")
    )
    cells = size(
        "number of fine positions",
        state,
        ((CELLS, 0), (POSITION_HEAD, 0)),
        said("fine_position_size"),
    )
    num_regions, rest = divmod(max(cells - regions, 0), REGION_SIZE**2 - 1)
    side, starts = math.isqrt(num_regions), regions - num_regions - 2
    codebook_size = contents - 2 - starts
    if rest or side**2 != num_regions or min(side, starts) < 1 or codebook_size < 2:
        raise CheckpointError(
            f"{CONTENTS}, {REGIONS} and {CELLS} have {contents}, {regions} and {cells} rows. They "
            "should be those of codes, of the regions of a square grid and of its cells, four a "
            "region, each with a pad, an end and equally many start symbols. The checkpoint is of "
            "a variant that rqbench does not have, or damaged."
        )
    height = side * REGION_SIZE
    layout = CodeLayout(height, height, 1, codebook_size, (REGION_SIZE, 1))
    return layout, ConditionSpec(starts) if starts > 1 else None


def _check_ids(config: Mapping[str, Any], layout: CodeLayout, alphabets: Alphabets) -> None:
    """The ids and sides that a config may repeat.

    Raises:
        CheckpointError: they are not those that the weights have.
    """
    ids = {
        "content": alphabets.contents,
        "coarse_position": alphabets.regions,
        "fine_position": alphabets.cells,
    }
    told = {"coarse_hw": layout.region_grid[0], "fine_hw": layout.height}
    told |= {f"{name}_pad_code": alphabet.pad for name, alphabet in ids.items()}
    told |= {f"{name}_eos_code": alphabet.end for name, alphabet in ids.items()}
    for key, ours in told.items():
        for path, value in find_values(config, key).items():
            if whole(path, value) != ours:
                raise CheckpointError(
                    f"The config says {path}: {value}, and by {CONTENTS}, {REGIONS} and {CELLS} it "
                    f"is {ours}. The weights and the config are of different models."
                )


def _check_starts(config: Mapping[str, Any]) -> None:
    key = "activate_sos_for_fine_sequence"
    if agreed(find_values(config, key)) is False:
        raise CheckpointError(
            f"The config says {key}: false, a variant without start token in the fine part, which "
            "rqbench does not have. The published configurations say true."
        )


def _share(found: Mapping[str, Any]) -> float:
    """A dropout rate; the published one where the config has none."""
    said = agreed(found)
    if said is None:
        return 0.1
    if not isinstance(said, int | float):
        raise CheckpointError(f"The config says {next(iter(found))}: {said!r}, which is no rate.")
    return float(said)


def _fine_order(config: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The order of fine codes, by whatever key the config has it, and notes."""
    named = agreed(find_values(config, "fine_position_order"))
    orders = {text for text in _texts(config) if text in ORDERS}
    if (named is not None and named not in ORDERS) or len(orders) > 1:
        raise CheckpointError(
            f"The config's order of fine positions is {named or ' and '.join(sorted(orders))}; it "
            f"should be {' or '.join(ORDERS)}."
        )
    if orders:
        return orders.pop(), ()
    return ORDERS[0], (f"The config names no order of fine positions: {ORDERS[0]}, as published.",)


def _texts(node: Any) -> Iterator[str]:
    """All texts among the values of a config."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping | list):
        for value in node.values() if isinstance(node, Mapping) else node:
            yield from _texts(value)
