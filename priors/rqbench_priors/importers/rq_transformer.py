"""The RQ-Transformer of Lee et al. 2022 (arXiv:2203.01941) as a depth-stacked prior."""

import math
from collections.abc import Mapping
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

from ..depth_stacked import DepthStacked
from .block_ties import block_ties
from .facts import agreed, beside, count_blocks, num_heads, size, whole
from .rq_config import (
    CONFIG_FILE,
    refuse_variants,
    said_of_codes,
    said_of_condition,
    said_of_sampling,
    said_of_stack,
    said_of_training,
)

_PAIRING = (
    "The prior reads its tokenizer's vectors, and nothing in its file tells which these were: "
    "tokenizer and prior must come from one archive."
)


class RQTransformer(Importer):
    """Reads its tokenizer's vectors; shapes tell everything but heads and the sides of the grid."""

    project = "rq-vae-transformer"
    kind = "prior"
    needs_tokenizer = True

    def recognises(self, keys: frozenset[str]) -> bool:
        return any(key.startswith("body_transformer.blocks.") for key in keys)

    def describe(self, checkpoint: Checkpoint, tokenizer: Tokenizer | None) -> Described:
        state, config = checkpoint.state, checkpoint.config
        refuse_variants(config)
        tables = ("pos_emb_cond", 2), ("pos_emb_hw", 2), ("pos_emb_d", 2), ("cond_emb.weight", 1)
        heads_in = ("input_mlp.weight", 0), ("head_mlp.weight", 0), ("classifier.linear.weight", 1)
        width = size("width", state, tables + heads_in, beside(config, "block_size", "embed_dim"))
        layout = _read_layout(state, config)
        _check_vectors(state, layout, tokenizer)
        said = said_of_condition(config, "block_size_cond")
        length = size("number of condition tokens", state, (("pos_emb_cond", 1),), said)
        vocabs = (("cond_emb.weight", 0), *((("cond_classifier.linear.weight", 0),) * (length > 1)))
        said = said_of_condition(config, "vocab_size_cond")
        vocab_size = size("number of conditions", state, vocabs, said)
        sampling, drawing = said_of_sampling(config)
        dropouts, training = said_of_training(config)
        depth_layers = _count(state, config, "head")
        return Described(
            type="depth-stacked",
            config={
                "width": width,
                "heads": num_heads(said_of_stack(config, "n_head", "body"), width, CONFIG_FILE),
                "depth_heads": _depth_heads(config, width, depth_layers),
                "body_layers": _count(state, config, "body"),
                "depth_layers": depth_layers,
                "inputs": "codebook",
                "bias_per_depth": True,
                "unused_depth_inputs": layout.depth == 1,
                "output_bias": "shared",
                "condition_loss_weight": 0.1 if length > 1 else 0.0,
                "soft_epsilon": 1e-7,
                **dropouts,
            },
            layout=layout,
            condition=ConditionSpec(vocab_size, length) if vocab_size * length > 1 else None,
            sampling=sampling,
            notes=(*drawing, *training, _PAIRING),
        )

    def keys(self, model: Tokenizer | Prior) -> KeyMap:
        assert isinstance(model, DepthStacked)
        config, width = model.config, model.config.width
        ties = [
            with_shape("prefix.places", "pos_emb_cond", 1, -1, width),
            with_shape("body_places", "pos_emb_hw", 1, -1, width),
            with_shape("depth_places", "pos_emb_d", 1, -1, width),
            same("prefix.table", "cond_emb.weight"),
            same("head.linear.weight", "classifier.linear.weight"),
            with_shape("head.bias", "classifier.linear.bias", -1),
        ]
        pairs = {
            "body_codes.project": "input_mlp",
            "depth_codes.project": "head_mlp",
            "head.norm": "classifier.layer_norm",
        }
        if config.condition_loss_weight:
            pairs |= {
                "condition_head.0": "cond_classifier.layer_norm",
                "condition_head.1": "cond_classifier.linear",
            }
        for ours, theirs in pairs.items():
            ties += [same(f"{ours}.{kind}", f"{theirs}.{kind}") for kind in ("weight", "bias")]
        ties += block_ties("body.blocks", "body_transformer.blocks", config.body_layers)
        ties += block_ties("depth_stack.blocks", "head_transformer.blocks", config.depth_layers)
        return KeyMap(tuple(ties))


def _read_layout(state: Mapping[str, Tensor], config: Mapping[str, Any]) -> CodeLayout:
    """The grid from the config, square where it says nothing; the rest from shapes."""
    vocab_axes = ("classifier.linear.weight", 0), ("classifier.linear.bias", 0)
    said = said_of_codes(config)
    codebook_size = size("number of codes", state, vocab_axes, said)
    positions = size("number of positions", state, (("pos_emb_hw", 1),))
    depth = size("depth", state, (("pos_emb_d", 1),))
    found = find_values(config, "block_size")
    shape = agreed(found)
    if shape is None:
        side = math.isqrt(positions)
        shape = [side, side, depth]
    path = next(iter(found), "the square grid of these weights")
    if not isinstance(shape, list) or len(shape) != 3:
        raise CheckpointError(f"{path}: {shape} is no height, width and depth of codes.")
    height, width, said_depth = (whole(path, value) for value in shape)
    if height * width != positions or said_depth != depth:
        raise CheckpointError(
            f"The weights are for {positions} positions (pos_emb_hw) of depth {depth} (pos_emb_d), "
            f"and {path} is {shape}. Give the {CONFIG_FILE} with --config."
        )
    return CodeLayout(height, width, depth, codebook_size)


def _check_vectors(
    state: Mapping[str, Tensor], layout: CodeLayout, tokenizer: Tokenizer | None
) -> None:
    """
    Raises:
        CheckpointError: the tokenizer has no vectors, or others than the prior reads.
    """
    axes = ("input_mlp.weight", 1), ("head_mlp.weight", 1)
    wanted = layout.depth, layout.codebook_size, size("width of vectors", state, axes)
    codebook = None if tokenizer is None else tokenizer.codebook()
    if tokenizer is None or (codebook is not None and tuple(codebook.shape) == wanted):
        return
    given = "none" if codebook is None else f"those of shape {tuple(codebook.shape)}"
    raise CheckpointError(
        f"The prior reads vectors of shape {wanted} (depth, codes, width; by pos_emb_d, "
        f"classifier.linear and input_mlp), and the tokenizer has {given}. Give the tokenizer of "
        "the same archive with --tokenizer."
    )


def _depth_heads(config: Mapping[str, Any], width: int, layers: int) -> int | None:
    """None where there are no depth layers, of which a config may then say nothing."""
    said = said_of_stack(config, "n_head", "head")
    return num_heads(said, width, CONFIG_FILE) if layers or said else None


def _count(state: Mapping[str, Tensor], config: Mapping[str, Any], stack: str) -> int:
    said = said_of_stack(config, "n_layer", stack)
    return count_blocks(state, f"{stack}_transformer.blocks.", said)
