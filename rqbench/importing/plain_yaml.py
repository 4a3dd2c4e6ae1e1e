"""YAML as the published projects read it: plain values, and references between them."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

UNTOLD = "???"
"""What OmegaConf writes for a value that has to be given elsewhere."""

_NUMBER = re.compile(r"[-+]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)[eE][-+]?\d+$")
_REFERENCE = re.compile(r"\$\{(\.*)([\w.-]+)\}$")


class _Loader(yaml.SafeLoader):
    """Takes 1e-8 for a number, as YAML 1.2 does, and Python's tuples for lists."""

    def construct_tuple(self, node: yaml.SequenceNode) -> list[Any]:
        return self.construct_sequence(node)


_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER, list("-+.0123456789"))
_Loader.add_constructor("tag:yaml.org,2002:python/tuple", _Loader.construct_tuple)


def load_plain(text: str) -> Any:
    """The values of a YAML text.

    Raises:
        yaml.YAMLError: no YAML, or other objects than plain values.
    """
    return yaml.load(text, Loader=_Loader)


def says_something(value: Any) -> bool:
    """Whether a value tells more than that there is a key: not null, to be given elsewhere, or a
    reference that led nowhere."""
    return value is not None and value != UNTOLD and not (isinstance(value, str) and "${" in value)


def without_references(config: Mapping[str, Any]) -> dict[str, Any]:
    """Values in place of `${key.of.it}`, `${.beside}` and `${..above}`, as OmegaConf looks them up;
    what leads to no number, text or list of them stays as it is."""
    return {key: _looked_up(value, (key,), config) for key, value in config.items()}


def _looked_up(node: Any, place: tuple[str, ...], config: Mapping[str, Any]) -> Any:
    if isinstance(node, Mapping):
        return {key: _looked_up(value, (*place, key), config) for key, value in node.items()}
    if isinstance(node, list):
        return [_looked_up(value, (*place, str(i)), config) for i, value in enumerate(node)]
    seen = {place}
    while isinstance(node, str) and (match := _REFERENCE.match(node)):
        dots, path = match.groups()
        above = place[: len(place) - len(dots)] if dots else ()
        place = (*above, *path.split("."))
        found = _at(config, place)
        if place in seen or not _is_plain(found):
            break
        seen.add(place)
        node = found
    return node


def _at(node: Any, place: tuple[str, ...]) -> Any:
    for key in place:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


def _is_plain(value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return value is not None and not any(isinstance(one, Mapping | list) for one in values)
