"""RQ-VAE checkpoints of rq-vae-transformer (arXiv:2203.01941)."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from rqbench.api import (
    Checkpoint,
    CheckpointError,
    Described,
    Importer,
    KeyMap,
    Prior,
    Tie,
    Tokenizer,
    constant,
    copies,
    rows,
)  # fmt: skip

from ..published import RQVAE
from ..rq import RQ
from .conv_keys import halves
from .conv_shapes import State, indices, shape
from .learning import average, commitment_weight, notes_on_decay
from .prefix import LOSSES, prefix_of
from .published_yaml import agree, section, tokenizer_part, value
from .read_halves import read_halves

WITHOUT_CONFIG = (
    "Without a config nothing tells dropout (0 is taken), how the codebook learns (as published), "
    "and the images' side."
)


def _is_rqvae(keys: list[str]) -> bool:
    return any(key.startswith("quantizer.") for key in keys)


class RQVAEImporter(Importer):
    """Tokenizers with one codebook for all depths or one for each."""

    project = "rq-vae-transformer"
    kind = "tokenizer"

    def recognises(self, keys: frozenset[str]) -> bool:
        return prefix_of(keys, _is_rqvae) is not None

    def describe(self, checkpoint: Checkpoint, tokenizer: Tokenizer | None) -> Described:
        prefix = prefix_of(checkpoint.state, _is_rqvae) or ""
        state, part = checkpoint.below(prefix), tokenizer_part(checkpoint.config)
        conv, resolution = read_halves(state, part)
        told = section(part, "hparams") or part
        codebooks = _codebooks(state, conv["embedding"], told)
        shared, notes = _is_shared(state, codebooks["depth"], told)
        notes = (*notes, *notes_on_decay(told))
        return Described(
            type="rq",
            config={
                "conv": conv,
                **codebooks,
                **RQVAE,
                "shared_codebook": shared,
                "average": average(told, restarts=not part),
                "commitment_weight": commitment_weight(told, "latent_loss_weight"),
            },
            prefix=prefix,
            dropped=(LOSSES,),
            resolution=resolution,
            notes=notes if part else (*notes, WITHOUT_CONFIG),
        )

    def keys(self, model: Tokenizer | Prior) -> KeyMap:
        assert isinstance(model, RQ)
        config, ties = model.config, list(halves(model.config.conv))
        names = [f"quantizer.codebooks.{depth}" for depth in range(config.depth)]
        for index in range(len(model.tables)):
            theirs = names if config.shared_codebook else [names[index]]
            ties += _table(f"tables.{index}", theirs)
        return KeyMap(tuple(ties))


def _table(ours: str, theirs: Sequence[str]) -> list[Tie]:
    """A codebook of ours, which was published once or several times."""
    vectors = (f"{ours}.vectors", f"{ours}.padding")
    weights = [f"{name}.weight" for name in theirs]
    one, parts = copies(vectors[0], weights), rows(vectors, weights[0])
    return [
        Tie(
            vectors,
            tuple(weights),
            lambda tensors: parts.read(one.read(tensors)),
            lambda tensors: parts.write(tensors) * len(weights),
        ),
        copies(f"{ours}.counts", [f"{name}.cluster_size_ema" for name in theirs]),
        copies(f"{ours}.sums", [f"{name}.embed_ema" for name in theirs]),
        constant(f"{ours}.initialised", lambda: torch.tensor(True)),
    ]


def _codebooks(state: State, embedding: int, part: Mapping[str, Any]) -> dict[str, Any]:
    """Size and depth, compared with the config.

    Raises:
        CheckpointError: codebooks of several sizes, or whose vectors stand for blocks of latents.
    """
    depth = indices(state, r"quantizer\.codebooks\.(\d+)\.")[-1] + 1
    keys = [f"quantizer.codebooks.{index}.weight" for index in range(depth)]
    size, width = shape(state, keys[0], axes=2)
    for key in keys:
        if shape(state, key, axes=2) != (size, width):
            raise CheckpointError(
                f"{keys[0]} is {size}x{width} and {key} "
                f"{'x'.join(map(str, state[key].shape))}: rqbench's RQ has codebooks of one size."
            )
    if width != embedding:
        raise CheckpointError(
            f"{keys[0]} has vectors of {width} values, and quant_conv gives {embedding}: one code "
            "for a block of latents (latent_shape and code_shape differ), which rqbench lacks."
        )
    told = value(part, "n_embed")
    agree(part, "n_embed", [size - 1] * depth if isinstance(told, list) else size - 1)
    agree(part, "embed_dim", embedding)
    codes, latents = value(part, "code_shape"), value(part, "latent_shape")
    if codes is not None and codes[-1] != depth:
        raise CheckpointError(
            f"The config says code_shape: {codes}, and the weights have {depth} codebooks. They "
            "are of different models: give the config of this checkpoint, with --config."
        )
    if codes is not None and latents is not None and list(codes[:2]) != list(latents[:2]):
        raise CheckpointError(
            f"The config says latent_shape: {latents} and code_shape: {codes}: one code for a "
            "block of latents, which rqbench lacks."
        )
    return {"codebook_size": size - 1, "depth": depth}


def _is_shared(state: State, depth: int, part: Mapping[str, Any]) -> tuple[bool, tuple[str, ...]]:
    """Whether all depths have one codebook, and what was decided if the config does not tell."""
    told = value(part, "shared_codebook")
    if told is not None or depth == 1:
        return told is not False, ()
    first, *others = [state[f"quantizer.codebooks.{index}.weight"] for index in range(depth)]
    if all(torch.equal(first, other) for other in others):
        return True, (f"All {depth} depths have the same codebook: taken as shared.",)
    return False, (f"The {depth} depths have codebooks of their own.",)
