"""A published project that never was: its checkpoints, and the importers for them.

Its tokenizer is a tiny one of ours under other names, with a buffer that follows from the
architecture; its prior stores a stack in two halves.
"""

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor

from rqbench.api import (
    FIRST_STAGE,
    Checkpoint,
    CheckpointError,
    CodeLayout,
    ConditionSpec,
    Described,
    Dropped,
    Importer,
    KeyMap,
    Prior,
    Sampling,
    Tokenizer,
    build_prior,
    build_tokenizer,
    find_values,
    implied,
    same,
    stacked,
)  # fmt: skip
from rqbench.plugins import find

GROUP = "rqbench.importers"
RESOLUTION, CLASSES = 16, 3
BOOK, WHOLE = "table.vectors", "content_head.linear.weight"
LOSS = (Dropped(r"loss\..*", "of the losses"),)


def _tokenizer_config() -> dict[str, Any]:
    return find("tokenizer", "vq").load().tiny().config.model_dump(mode="json")


class FakeTokenizer(Importer):
    project, kind = "fake", "tokenizer"

    def recognises(self, keys: frozenset[str]) -> bool:
        return any(key.removeprefix(FIRST_STAGE) == "ruler" for key in keys)

    def describe(self, checkpoint: Checkpoint, tokenizer: Tokenizer | None) -> Described:
        prefix = FIRST_STAGE if f"{FIRST_STAGE}ruler" in checkpoint.state else ""
        size = checkpoint.below(prefix)["book"].shape[0]
        sides = {int(value) for value in find_values(checkpoint.config, "side").values()}
        return Described(
            "vq",
            _tokenizer_config() | {"codebook_size": size},
            prefix,
            LOSS,
            resolution=max(sides, default=RESOLUTION),
            notes=("It is a fake.",),
        )

    def keys(self, model: Tokenizer | Prior) -> KeyMap:
        return KeyMap(
            (
                *(same(key, f"net.{key}") for key in model.state_dict() if key != BOOK),
                same(BOOK, "book"),
                implied("ruler", lambda: torch.arange(4.0), "a ruler"),
            )
        )


class FakePrior(Importer):
    project, kind = "fake", "prior"

    def recognises(self, keys: frozenset[str]) -> bool:
        return "gpt.whole_a" in keys

    def describe(self, checkpoint: Checkpoint, tokenizer: Tokenizer | None) -> Described:
        found = find_values(checkpoint.config, "side")
        if not found:
            raise CheckpointError(f"{checkpoint.name} needs its config. Give it with --config.")
        layout = build_tokenizer("vq", _tokenizer_config(), "fake").layout(max(found.values()))
        size = CodeLayout(
            layout.height, layout.width, 1, len(checkpoint.below("gpt.")["whole_a"]) * 2
        )
        config = find("prior", "raster").load().tiny(size).config.model_dump(mode="json")
        return Described(
            "raster",
            config,
            "gpt.",
            (Dropped("size", "a number of codes"), Dropped(r"cond\..*", "of the condition")),
            layout=size,
            condition=ConditionSpec(CLASSES),
            sampling=Sampling(top_k=2),
        )

    def keys(self, model: Tokenizer | Prior) -> KeyMap:
        return KeyMap(
            (
                *(same(key, key) for key in model.state_dict() if key != WHOLE),
                stacked(WHOLE, ("whole_a", "whole_b")),
            )
        )


def entries() -> list[EntryPoint]:
    """Entry points of both importers."""
    return [
        EntryPoint("fake-prior", f"{__name__}:FakePrior", GROUP),
        EntryPoint("fake-tokenizer", f"{__name__}:FakeTokenizer", GROUP),
    ]


def tokenizer_state(prefix: str = "", size: int = 8, seed: int = 0) -> dict[str, Tensor]:
    """A published tokenizer's weights, with a loss beside them."""
    torch.manual_seed(seed)
    model = build_tokenizer("vq", _tokenizer_config() | {"codebook_size": size}, "fake", seed)
    published = FakeTokenizer().keys(model).export(model.state_dict())
    return {prefix + key: value for key, value in published.items()} | {
        f"{prefix}loss.weight": torch.ones(2)
    }


def prior_state(size: int = 8, side: int = RESOLUTION, seed: int = 0) -> dict[str, Tensor]:
    """A published prior's weights; it knows nothing of its tokenizer's vectors."""
    layout = build_tokenizer("vq", _tokenizer_config(), "fake").layout(side)
    layout = CodeLayout(layout.height, layout.width, 1, size)
    config = find("prior", "raster").load().tiny(layout).config.model_dump(mode="json")
    model = build_prior("raster", config, layout, None, ConditionSpec(CLASSES), "fake", seed)
    published = FakePrior().keys(model).export(model.state_dict())
    named = {f"gpt.{key}": value for key, value in published.items()}
    return named | {"size": torch.tensor(size), "cond.table": torch.zeros(2)}


def save(path: Path, held: Any, side: int | None = RESOLUTION) -> Path:
    """Write a checkpoint with its config beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(held, path)
    if side is not None:
        (path.parent / "config.yaml").write_text(yaml.safe_dump({"data": {"side": side}}))
    return path
