"""One model of a checkpoint: described by its importer, built, and filled."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..errors import CheckpointError, RqbenchError
from ..layout import CodeLayout
from ..models import build_prior, build_tokenizer
from ..overrides import apply_override
from ..prior import Prior
from ..tokenizer import Tokenizer
from ..unfilled import Unfilled
from .beside import Beside
from .fit import check_fit
from .importer import Described, Importer
from .key_map import KeyMap, split_dropped
from .source import Source


@dataclass(frozen=True)
class Part:
    """A filled model.

    Attributes:
        source: the file that it came from.
        importer: the plug-in's name.
        described: what the importer said.
        model: in eval mode.
        codebook: of a prior, the vectors that it was built with.
        mapped: published keys whose numbers it holds.
        left_out: the reason for each other key of its part of the file.
        notes: what was decided, for people.
    """

    source: Source
    importer: str
    described: Described
    model: Tokenizer | Prior
    codebook: Tensor | None
    mapped: int
    left_out: dict[str, str]
    notes: tuple[str, ...]

    @property
    def kind(self) -> str:
        return "tokenizer" if isinstance(self.model, Tokenizer) else "prior"


def fill(source: Source, kind: str, beside: Beside | None, settings: Sequence[str]) -> Part:
    """Build and fill the model of one kind that a file holds.

    Args:
        beside: of a prior, the tokenizer that its codes come from, if it is known.
        settings: `key=value` changes of the described config.

    Raises:
        CheckpointError: see `Importer.describe`, `check_fit` and `KeyMap.translate`; or weights
            that are not finite.
        ConfigError: a setting that the plug-in's config refuses.
    """
    name, importer = source.importers[kind]
    described = _with_settings(_describe(importer, source, beside), settings)
    if beside is not None:
        names = f"in {source.path.name}", f"in {beside.name}"
        check_fit(_layout(described), beside.model, beside.resolution, names)
    vectors = beside.model.codebook() if beside else None
    codebook = None if vectors is None else vectors.detach().clone()
    with Unfilled():
        model = _build(described, kind, codebook, f"{source.path.name} as {described.type}")
    keys = importer.keys(model)
    kept, left_out = split_dropped(source.checkpoint.below(described.prefix), described.dropped)
    state = _translate(keys, kept, model, described.prefix)
    model.load_state_dict(state)
    implied = keys.left_out()
    return Part(
        source,
        name,
        described,
        model.eval(),
        codebook,
        len(kept) - len(implied),
        {described.prefix + key: why for key, why in (left_out | implied).items()},
        described.notes + _notes_on_types(kept),
    )


def left_over(source: Source, parts: Sequence[Part]) -> dict[str, str]:
    """The reason for each key that lies below no part's prefix.

    Raises:
        CheckpointError: a key for which no part gives one.
    """
    prefixes = tuple(part.described.prefix for part in parts)
    outside = {k: v for k, v in source.checkpoint.state.items() if not k.startswith(prefixes)}
    dropped = [rule for part in parts for rule in part.described.dropped]
    unknown, why = split_dropped(outside, dropped)
    if unknown:
        more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
        raise CheckpointError(
            f"{source.path.name} holds, beside the models that were recognised, "
            f"{', '.join(sorted(unknown)[:3])}{more}. It is of a variant that rqbench lacks."
        )
    return why


def _describe(importer: Importer, source: Source, beside: Beside | None) -> Described:
    try:
        return importer.describe(source.checkpoint, beside.model if beside else None)
    except RqbenchError:
        raise
    except Exception as error:  # weights and configs from elsewhere can mislead in any way
        raise CheckpointError(
            f"{source.path.name} looks like a model of {importer.project}, and cannot be read as "
            f"one ({type(error).__name__}: {error}). Its config or its weights are of another."
        ) from error


def _with_settings(described: Described, settings: Sequence[str]) -> Described:
    config = copy.deepcopy(dict(described.config))
    for setting in settings:
        apply_override(config, setting)
    return replace(described, config=config)


def _build(
    described: Described, kind: str, codebook: Tensor | None, where: str
) -> Tokenizer | Prior:
    if kind == "tokenizer":
        return build_tokenizer(described.type, described.config, where)
    return build_prior(
        described.type, described.config, _layout(described), codebook, described.condition, where
    )


def _layout(prior: Described) -> CodeLayout:
    assert prior.layout is not None, "the importer of a prior describes its layout"
    return prior.layout


def _translate(
    keys: KeyMap, kept: Mapping[str, Tensor], model: Tokenizer | Prior, prefix: str
) -> dict[str, Tensor]:
    try:
        state = keys.translate(kept, model.state_dict())
    except CheckpointError as error:
        below = f" (below {prefix!r})" if prefix else ""
        raise CheckpointError(f"{error}{below}") from None
    implied = keys.left_out()
    for key, value in kept.items():
        if key not in implied and not _is_finite(value):
            raise CheckpointError(
                f"{prefix}{key} holds numbers that are not finite (NaN or infinity). The training "
                "had failed, or the file is damaged."
            )
    return state


def _is_finite(value: Tensor) -> bool:
    """By its extremes, which take a tenth of the time of a look at each value; NaN passes into
    both."""
    if not value.is_floating_point() or not value.numel():
        return True
    if value.itemsize < 2:  # extremes of eight-bit floats are not computed
        value = value.float()
    return all(bool(extreme.isfinite()) for extreme in value.aminmax())


def _notes_on_types(kept: Mapping[str, Tensor]) -> tuple[str, ...]:
    """A sentence where weights were kept in another precision than float32."""
    types: dict[torch.dtype, int] = {}
    for value in kept.values():
        if value.is_floating_point() and value.dtype != torch.float32:
            types[value.dtype] = types.get(value.dtype, 0) + 1
    return tuple(
        f"{count} tensors of type {str(dtype).removeprefix('torch.')} became float32."
        for dtype, count in types.items()
    )
