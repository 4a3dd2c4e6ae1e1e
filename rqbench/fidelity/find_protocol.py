"""A protocol by name, or from a file of the user's own."""

from pathlib import Path

import yaml

from rqbench.config import parse_config
from rqbench.errors import ConfigError, did_you_mean
from rqbench.importing.plain_yaml import load_plain
from rqbench.metrics.extractors.catalogue import check_clauses

from .dialects import ALIASES, DIALECTS, Dialect
from .protocol import FidelityProtocol
from .with_extractor import feed

_ENDINGS = (".yaml", ".yml", ".json")


def find_protocol(source: str) -> FidelityProtocol:
    """The protocol of this name, or that of a YAML or JSON file.

    A file needs an `id`. It may start from a named protocol with `like: clean`; what else it says
    is changed from there, or from torch-fidelity's. Another network brings its own side, scale and
    logits where the file says nothing of them, as `with_extractor` does.

    Raises:
        ConfigError: neither a name nor a file, or a file that is no protocol.
    """
    path = Path(source)
    if source in DIALECTS or source in ALIASES or not (path.is_file() or path.suffix in _ENDINGS):
        return find_dialect(source).protocol
    protocol = _read(path)
    check_clauses(protocol)
    return protocol


def find_dialect(name: str) -> Dialect:
    """
    Raises:
        ConfigError: no protocol of this name; names the nearest.
    """
    if ALIASES.get(name, name) not in DIALECTS:
        raise ConfigError(
            f"No protocol is called {name!r}.{did_you_mean(name, [*DIALECTS, *ALIASES])} "
            f"`rqbench fidelity protocols` lists all; a file of your own ends with "
            f"{' or '.join(_ENDINGS)}."
        )
    return DIALECTS[ALIASES.get(name, name)]


def _read(path: Path) -> FidelityProtocol:
    try:
        values = load_plain(path.read_text())
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ConfigError(f"{path} cannot be read as a protocol: {error}") from None
    if not isinstance(values, dict):
        raise ConfigError(
            f"{path} holds no protocol. Write `id: NAME`, and below it the clauses that differ "
            "from torch-fidelity's."
        )
    like = values.pop("like", None)
    below = find_dialect("torch-fidelity" if like is None else str(like)).protocol
    if "extractor" in values:
        below = feed(below, str(values["extractor"]))
    name = {} if like is None else {"id": f"like {like}"}
    return parse_config(FidelityProtocol, {**below.clauses, **name, **values}, str(path))
