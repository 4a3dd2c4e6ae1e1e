"""VQGAN checkpoints of taming-transformers, also inside those of its priors (arXiv:2012.09841)."""

from collections.abc import Mapping
from typing import Any

from rqbench.api import (
    Checkpoint,
    Described,
    Dropped,
    Importer,
    KeyMap,
    Prior,
    Tie,
    Tokenizer,
    same,
    with_shape,
)

from ..gumbel import GumbelCodebook
from ..published import VQGAN
from ..vq import VQ
from .conv_keys import halves
from .conv_shapes import same_rows, shape, with_any
from .prefix import LOSSES, prefix_of
from .published_yaml import agree, tokenizer_part, value
from .read_halves import read_halves

DROPPED = (
    LOSSES,
    Dropped(r"quantize\.used", "codes are rows of the codebook, not places in a list of used ones"),
    Dropped(r"colorize", "colours for pictures of segmentation maps"),
)


def _is_vqgan(keys: list[str]) -> bool:
    others = ("quantizer.", "quantize.codebook.", "encoder.mid_")
    return not any(key.startswith(others) for key in keys)


class VQGANImporter(Importer):
    """Tokenizers that search a codebook, and those that classify (Gumbel)."""

    project = "taming-transformers"
    kind = "tokenizer"

    def recognises(self, keys: frozenset[str]) -> bool:
        return prefix_of(keys, _is_vqgan) is not None

    def describe(self, checkpoint: Checkpoint, tokenizer: Tokenizer | None) -> Described:
        prefix = prefix_of(checkpoint.state, _is_vqgan) or ""
        state, part = checkpoint.below(prefix), tokenizer_part(checkpoint.config)
        conv, resolution = read_halves(state, part)
        gumbel = with_any(state, "quantize.proj.") or with_any(state, "quantize.embed.")
        if gumbel:
            codebook_size = same_rows(
                state, "quantize.embed.weight", "quantize.proj.weight", (2, 4)
            )
        else:
            codebook_size = shape(state, "quantize.embedding.weight", axes=2)[0]
        agree(part, "n_embed", codebook_size)
        agree(part, "embed_dim", conv["embedding"])
        return Described(
            type="vq",
            config={"conv": conv, "codebook_size": codebook_size, **_learning(gumbel, part)},
            prefix=prefix,
            dropped=DROPPED,
            resolution=resolution,
            notes=_notes(gumbel, part),
        )

    def keys(self, model: Tokenizer | Prior) -> KeyMap:
        assert isinstance(model, VQ)
        table: list[Tie] = [same("table.vectors", "quantize.embedding.weight")]
        if isinstance(model.table, GumbelCodebook):
            classifier = model.config.codebook_size, model.config.conv.embedding, 1, 1
            table = [
                same("table.vectors", "quantize.embed.weight"),
                with_shape("table.proj.weight", "quantize.proj.weight", *classifier),
                same("table.proj.bias", "quantize.proj.bias"),
            ]
        return KeyMap((*halves(model.config.conv), *table))


def _learning(gumbel: bool, part: Mapping[str, Any]) -> dict[str, Any]:
    """How it goes on to learn."""
    if not gumbel:
        return VQGAN
    weight = value(part, "kl_weight")
    return {"codebook": "gumbel"} | ({} if weight is None else {"kl_weight": weight})


def _notes(gumbel: bool, part: Mapping[str, Any]) -> tuple[str, ...]:
    notes = []
    if gumbel:
        notes.append(
            "Codes are the likeliest ones of its classifier; the published model draws them by "
            "Gumbel noise even when it encodes. The temperature of training stays at 1."
        )
    if not part:
        notes.append("Without a config nothing tells dropout (0 is taken) and the images' side.")
    return tuple(notes)
