"""The GPT of Esser et al. 2021 (arXiv:2012.09841) as a raster prior: `Net2NetTransformer` files, or
the GPT's own weights."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from rqbench.api import (
    Checkpoint,
    CheckpointError,
    CodeLayout,
    Described,
    Dropped,
    Importer,
    KeyMap,
    Prior,
    Sampling,
    Tokenizer,
    find_values,
    same,
    with_shape,
)

from ..raster import Raster
from .block_ties import block_ties
from .causal_masks import mask_ties
from .facts import agreed, beside, count_blocks, num_heads, size
from .gpt_sequence import CONFIG_FILE, read_sequence

_DROPPED = (
    Dropped(
        r"cond_stage_model\..*",
        "turns depth, segmentation or coordinates into condition codes; rqbench takes the codes",
    ),
    Dropped(r"permuter\..*", "orders codes as they stand, which is raster order"),
)
_DROPOUTS = {
    "dropout": "resid_pdrop",
    "attention_dropout": "attn_pdrop",
    "embedding_dropout": "embd_pdrop",
}


class TamingGPT(Importer):
    """Conditions are codes, positions are counted with the condition, and no logit has a bias."""

    project = "taming-transformers"
    kind = "prior"

    def recognises(self, keys: frozenset[str]) -> bool:
        return any(key.startswith(_prefix(keys) + "blocks.") and ".attn." in key for key in keys)

    def describe(self, checkpoint: Checkpoint, tokenizer: Tokenizer | None) -> Described:
        config, prefix = checkpoint.config, _prefix(checkpoint.state)
        state = checkpoint.below(prefix)
        _refuse_other_orders(checkpoint.state)
        said = {
            key: beside(config, "n_head", key)
            for key in ("n_embd", "n_layer", "vocab_size", "block_size")
        }
        tables = ("tok_emb.weight", 1), ("pos_emb", 2), ("head.weight", 1), ("ln_f.weight", 0)
        width = size("width", state, tables, said["n_embd"])
        codes = ("tok_emb.weight", 0), ("head.weight", 0)
        vocab_size = size("number of codes", state, codes, said["vocab_size"])
        layers = count_blocks(state, "blocks.", said["n_layer"])
        masks = tuple((f"blocks.{i}.attn.mask", 2) for i in range(layers))
        places = size("number of places", state, (("pos_emb", 1), *masks), said["block_size"])
        _refuse_other_masks(state, config)
        heads = num_heads(find_values(config, "n_head"), width, CONFIG_FILE)
        sequence = read_sequence(config, vocab_size, places)
        return Described(
            type="raster",
            config={
                "layers": layers,
                "width": width,
                "heads": heads,
                "places": "input",
                "num_places": places,
                "condition_in": "codes",
                "start_code": sequence.start_code,
                "output_bias": "none",
                **_training(config),
            },
            prefix=prefix,
            dropped=_DROPPED,
            layout=CodeLayout(sequence.side, sequence.side, 1, vocab_size),
            condition=sequence.condition,
            sampling=Sampling(nucleus="exceed"),
            notes=(
                sequence.note,
                "The checkpoint says nothing of sampling: all symbols are drawn at temperature 1. "
                "A top-p follows the published rule, by which it does nothing without a top-k.",
            ),
        )

    def keys(self, model: Tokenizer | Prior) -> KeyMap:
        assert isinstance(model, Raster)
        num_places, width = model.input_places.shape
        layers = model.config.layers
        return KeyMap(
            (
                with_shape("codes.table", "tok_emb.weight", -1, width),
                with_shape("input_places", "pos_emb", 1, -1, width),
                *block_ties("stack.blocks", "blocks", layers),
                *mask_ties((f"blocks.{i}.attn.mask" for i in range(layers)), num_places),
                same("content_head.norm.weight", "ln_f.weight"),
                same("content_head.norm.bias", "ln_f.bias"),
                same("content_head.linear.weight", "head.weight"),
            )
        )


def _prefix(keys: frozenset[str] | Mapping[str, Tensor]) -> str:
    """Where the GPT lies in a file: beside its first stage, or alone."""
    return "transformer." if any(key.startswith("transformer.") for key in keys) else ""


def _refuse_other_masks(state: Mapping[str, Tensor], config: Mapping[str, Any]) -> None:
    """
    Raises:
        CheckpointError: attention that is not causal everywhere.
    """
    corner = "this GPT has a corner that is not causal (`n_unmasked`), which rqbench does not have."
    for path, value in find_values(config, "n_unmasked").items():
        if value:
            raise CheckpointError(f"The config says {path}: {value}: {corner}")
    for key, mask in state.items():
        if key.endswith(".attn.mask") and (seen := int(mask[0, 0, 0].count_nonzero())) > 1:
            raise CheckpointError(f"In {key} the first place sees {seen} places: {corner}")


def _refuse_other_orders(state: Mapping[str, Tensor]) -> None:
    """
    Raises:
        CheckpointError: codes that were not modelled in raster order.
    """
    for key, value in state.items():
        if not key.startswith("permuter."):
            continue
        order = value.flatten().long()
        if not torch.equal(order, torch.arange(len(order))):
            raise CheckpointError(
                f"{key} orders the codes in another way than raster order, which is the only one "
                "that rqbench has for this prior."
            )


def _training(config: Mapping[str, Any]) -> dict[str, float]:
    """How it was trained, as far as the config says.

    Raises:
        CheckpointError: a prior that never sees its codes.
    """
    found = {ours: agreed(find_values(config, theirs)) for ours, theirs in _DROPOUTS.items()}
    found["keep_probability"] = keep = agreed(find_values(config, "pkeep"))
    if keep is not None and keep <= 0:
        raise CheckpointError(
            f"The config says pkeep: {keep}: this prior never sees its codes and draws all of them "
            "at once, which rqbench does not have."
        )
    return {key: value for key, value in found.items() if value is not None}
