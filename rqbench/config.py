"""Config: the frozen description from which a tokenizer, a prior or an experiment is built."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from .errors import ConfigError, did_you_mean


class Config(BaseModel):
    """A frozen pydantic model in which a misspelt field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


C = TypeVar("C", bound=Config)

KIND = re.compile(r"tuple\[.*\]|constrained-\w+")
"""In pydantic's path to a fault, which of several types a value was tried as."""


def parse_config(cls: type[C], values: Mapping[str, Any], where: str) -> C:
    """Build `cls` from plain values.

    Raises:
        ConfigError: one line for each fault, with the key's full path below `where` and, for a
            misspelt key, the nearest legal one.
    """
    try:
        return cls.model_validate(dict(values))
    except ValidationError as error:
        lines = [_explain(cls, where, fault) for fault in error.errors()]
        raise ConfigError("\n".join(lines)) from None


def merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Both, with the value from above where both have one; of two mappings again both."""
    merged = {**below, **above}
    for key in below.keys() & above.keys():
        if isinstance(below[key], Mapping) and isinstance(above[key], Mapping):
            merged[key] = merge(below[key], above[key])
    return merged


def _explain(cls: type[Config], where: str, fault: Any) -> str:
    path = [part for part in map(str, fault["loc"]) if not KIND.fullmatch(part)]
    key = ".".join([where, *path])
    if fault["type"] == "extra_forbidden":
        known = sorted(_fields_at(cls, path[:-1]))
        return (
            f"{key}: no such key.{did_you_mean(path[-1], known)} "
            f"Legal keys here: {', '.join(known) or 'none'}."
        )
    if fault["type"] == "missing":
        return f"{key}: this key is needed and is missing."
    said = _of_a_list(fault) or fault["msg"].removeprefix("Value error, ")
    return f"{key}: {said} (got {fault['input']!r})."


def _of_a_list(fault: Any) -> str:
    """What is wrong with a list, which pydantic calls a tuple; empty of other faults."""
    limits = fault.get("ctx", {})
    if fault["type"] == "tuple_type":
        return "this is a list: write its entries in brackets, with commas between them"
    if fault["type"] == "too_short" and limits["field_type"] == "Tuple":
        return f"this list is too short: it needs at least {limits['min_length']}"
    if fault["type"] == "too_long" and limits["field_type"] == "Tuple":
        return f"this list is too long: it takes at most {limits['max_length']}"
    return ""


def _fields_at(cls: type[Config], path: list[str]) -> set[str]:
    """Names of the fields of the config that lies at `path` inside `cls`."""
    here: set[type[Config]] = {cls}
    for part in path:
        if part.isdigit():
            continue
        deeper = {
            found
            for config in here
            if part in config.model_fields
            for found in _configs_in(config.model_fields[part].annotation)
        }
        here = deeper or here
    return {name for config in here for name in config.model_fields}


def _configs_in(annotation: Any) -> Iterator[type[Config]]:
    if isinstance(annotation, type) and issubclass(annotation, Config):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _configs_in(inner)
