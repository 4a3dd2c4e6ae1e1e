"""What a model folder keeps of where it came from: `origin.json`."""

from collections.abc import Mapping
from typing import Any

from .. import __version__
from ..metrics.flops import count_parameters, count_stored
from ..models import weights_sha256
from ..prior import Prior
from ..tokenizer import Tokenizer
from .beside import Given
from .part import Part
from .source import plugin_of

EXAMPLES = 3


def origin_of(part: Part, beside_parts: Mapping[str, str], given: Given | None) -> dict[str, Any]:
    """All facts of one imported model.

    Args:
        beside_parts: the reason for each key of its file that is of no part.
        given: of a prior, the tokenizer that the user gave.
    """
    importer, described = part.source.importers[part.kind][1], part.described
    left_out = part.source.unwrapped.left_out | dict(beside_parts) | part.left_out
    return {
        "rqbench": __version__,
        "project": importer.project,
        "importer": plugin_of(part.importer),
        "kind": part.kind,
        "type": described.type,
        "source": part.source.facts(),
        "prefix": described.prefix,
        "parameters": _num_parameters(part.model),
        "code_shape": _code_shape(part),
        "sampling": described.sampling.model_dump(mode="json") if part.kind == "prior" else None,
        "mapped_keys": part.mapped,
        "given_tokenizer": given and _given_facts(given),
        "left_out": _by_reason(left_out),
        "notes": [*part.source.unwrapped.notes, *part.notes],
    }


def _given_facts(given: Given) -> dict[str, str]:
    return {"name": given.folder.name, "weights_sha256": weights_sha256(given.folder)}


def _num_parameters(model: Tokenizer | Prior) -> int:
    """As papers count them: of a tokenizer with its codebook and padding rows."""
    return count_stored(model) if isinstance(model, Tokenizer) else count_parameters(model)


def _code_shape(part: Part) -> str | None:
    if isinstance(part.model, Prior):
        return str(part.model.layout)
    side = part.described.resolution
    return f"{part.model.layout(side)} at {side} px" if side else None


def _by_reason(left_out: Mapping[str, str]) -> list[dict[str, Any]]:
    """Keys grouped by the reason for which they were left out."""
    groups: dict[str, list[str]] = {}
    for key, why in left_out.items():
        groups.setdefault(why, []).append(key)
    return [
        {"reason": why, "count": len(keys), "examples": sorted(keys)[:EXAMPLES]}
        for why, keys in groups.items()
    ]
