"""Changing one key of an experiment from the command line: `--set` and `--sweep`."""

import re
from typing import Any

import yaml

from .errors import ConfigError


class _Loader(yaml.SafeLoader):
    """Reads 1e-3 as a number, as YAML 1.2 does; YAML 1.1 wants a point in it."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?\d+(\.\d*)?[eE][-+]?\d+$"), list("-+0123456789")
)


def apply_override(values: dict[str, Any], override: str) -> None:
    """Set one dotted key, written `key.path=value`, in plain values; the value is read as YAML.

    Raises:
        ConfigError: no '=', no YAML, or a path that leads nowhere.
    """
    path, text = _split(override, "--set")
    try:
        value = yaml.load(text, _Loader)
    except yaml.YAMLError:
        raise ConfigError(f"--set {override!r}: {text!r} is not a YAML value.") from None
    set_key(values, path, value, "--set")


def parse_sweep(sweep: str) -> tuple[str, list[Any]]:
    """A key and the values it takes, written `key.path=value,value,...`, each read as YAML.

    Raises:
        ConfigError: no '=', no YAML list, or no value.
    """
    path, text = _split(sweep, "--sweep")
    try:
        values = yaml.load(f"[{text}]", _Loader)
    except yaml.YAMLError:
        raise ConfigError(f"--sweep {sweep!r}: {text!r} is not a list of YAML values.") from None
    if not values:
        raise ConfigError(f"--sweep {sweep!r} has no value. Write --sweep {path}=1,2,4.")
    return path, values


def set_key(values: dict[str, Any], path: str, value: Any, said: str) -> None:
    """Put a value at a dotted path, below keys that need not be there yet.

    Args:
        said: what asked for it, for the message.

    Raises:
        ConfigError: the path goes through a plain value, or past the end of a list.
    """
    *parents, last = path.split(".")
    here: Any = values
    for part in parents:
        here = _enter(here, part, f"{said} {path}")
    if isinstance(here, list):
        here[_index(here, last, f"{said} {path}")] = value
    elif isinstance(here, dict):
        here[last] = value
    else:
        raise ConfigError(
            f"{said} {path}: {parents[-1]!r} holds a plain value, which has no {last!r}."
        )


def _split(text: str, option: str) -> tuple[str, str]:
    path, sign, value = text.partition("=")
    if not sign or not path:
        raise ConfigError(f"{option} {text!r} has no '='. Write {option} key.path=value.")
    return path, value


def _enter(here: Any, part: str, said: str) -> Any:
    if isinstance(here, list):
        return here[_index(here, part, said)]
    if isinstance(here, dict):
        if here.get(part) is None:
            here[part] = {}
        return here[part]
    raise ConfigError(f"{said}: there is nothing below {part!r} to set.")


def _index(here: list[Any], part: str, said: str) -> int:
    if part.isdigit() and int(part) < len(here):
        return int(part)
    raise ConfigError(f"{said}: {part!r} is no place in a list of {len(here)}; they count from 0.")
