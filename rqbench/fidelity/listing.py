"""Protocols and extractors with what is known of them, for lists."""

from dataclasses import dataclass
from typing import Any

from rqbench.metric_names import score_name
from rqbench.metrics.extractors.catalogue import EXTRACTORS, known_extractor
from rqbench.metrics.published_weights import how_to_get, is_ready

from .dialects import DIALECTS, Dialect
from .find_protocol import find_protocol
from .protocol import FidelityProtocol, describe_clause


@dataclass(frozen=True)
class Listed:
    """A protocol beside the dialect that it is; None of a user's own."""

    protocol: FidelityProtocol
    dialect: Dialect | None

    @property
    def standing(self) -> str:
        """How far it can be trusted to be what it is named after."""
        return self.dialect.standing if self.dialect else "your own"

    @property
    def note(self) -> str:
        """What a user of it should know."""
        return self.dialect.note if self.dialect else ""

    def source(self, clause: str) -> str:
        """Where a clause was found."""
        return self.dialect.source(clause) if self.dialect else "your file"


def list_protocols() -> list[Listed]:
    """All that have a name."""
    return [Listed(dialect.protocol, dialect) for dialect in DIALECTS.values()]


def one_protocol(source: str) -> Listed:
    """As `find_protocol`, and raises what it does."""
    protocol = find_protocol(source)
    dialect = DIALECTS.get(protocol.id)
    return Listed(protocol, dialect if dialect and dialect.protocol == protocol else None)


def as_json(listed: Listed) -> dict[str, Any]:
    """All of it as plain values."""
    protocol = listed.protocol
    return {
        "id": protocol.id, "title": protocol.title, "sha256": protocol.sha256,
        "standing": listed.standing, "note": listed.note,
        "clauses": {
            name: {
                "value": value, "about": describe_clause(name), "known_from": listed.source(name)
            }
            for name, value in protocol.clauses.items()
        },
    }  # fmt: skip


@dataclass(frozen=True)
class ListedExtractor:
    """
    Attributes:
        frechet: what its Fréchet distance is called.
        lacks: "" where its weights are here, else how to get them.
    """

    name: str
    title: str
    dim: int
    num_classes: int
    frechet: str
    lacks: str


def list_extractors() -> list[ListedExtractor]:
    """All that have a name; whether what is in the files is right is seen when they are used."""
    return [one_extractor(name) for name in EXTRACTORS]


def one_extractor(name: str) -> ListedExtractor:
    """
    Raises:
        ConfigError: no such extractor.
    """
    known = known_extractor(name)
    lacks = "" if is_ready(known.weights) else how_to_get(known.weights, name)
    frechet = score_name("fid", name)
    return ListedExtractor(name, known.title, known.dim, known.num_classes, frechet, lacks)
