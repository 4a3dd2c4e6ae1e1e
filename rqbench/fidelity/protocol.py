"""FidelityProtocol: every choice that would have changed a score, by name."""

from typing import NamedTuple

from pydantic import Field

from rqbench.files import digest_of
from rqbench.metrics.extractor import Extractor
from rqbench.metrics.feature_protocol import FeatureProtocol
from rqbench.metrics.protocol import Protocol

Clause = str | int | float | bool | None

PROSE = frozenset({"id", "title"})
"""Fields that name a protocol and change no score."""


class FidelityProtocol(FeatureProtocol):
    """How pictures become features, and features scores. The defaults are torch-fidelity's."""

    id: str = Field(min_length=1, description="short name that tables print")
    title: str = Field("", description="whose way it is")
    kid_subsets: int = Field(100, ge=1, description="subsets that the kernel distance averages")
    kid_subset_size: int = Field(1000, ge=2, description="pictures of each set in a subset")
    kid_seed: int = Field(2020, ge=0, description="of the draw of subsets")
    is_splits: int = Field(10, ge=1, description="parts whose Inception scores are averaged")
    is_split_size: int | None = Field(
        None, ge=2, description="pictures in a part; where it is given, as many parts as they fill"
    )
    is_shuffle: bool = Field(True, description="whether pictures are shuffled before the split")
    is_seed: int = Field(2020, ge=0, description="of that shuffle")
    neighbours: int = Field(3, ge=1, description="k of precision, recall, density and coverage")
    reference: str = Field("as given", description="what the reference set is")
    files: str = Field("8-bit", description="how samples lie on disk")
    classes: str = Field("as they come", description="how many samples each class has")
    num_samples: int | None = Field(None, ge=2, description="samples behind published numbers")

    @property
    def clauses(self) -> dict[str, Clause]:
        """Every choice by name."""
        return {name: getattr(self, name) for name in type(self).model_fields if name not in PROSE}

    @property
    def sha256(self) -> str:
        """64 hexadecimal digits that change with the id and any clause, not with the title."""
        return digest_of({"id": self.id, **self.clauses})

    def record_protocol(self, extractor: Extractor, n: int) -> Protocol:
        """What records say of n pictures that were scored under it.

        Args:
            extractor: the one that served, with its weights.
        """
        said = {name: _plain(value) for name, value in self.clauses.items() if value is not None}
        said |= {
            name: extractor.clauses[name] for name in ("extractor", "extractor_weights_sha256")
        }
        return Protocol(id=self.id, clauses={**said, "crop": "none", "n": n})


class Difference(NamedTuple):
    """One clause in which two protocols are not alike."""

    clause: str
    first: Clause
    second: Clause


def diff(first: FidelityProtocol, second: FidelityProtocol) -> list[Difference]:
    """The clauses that differ, in the order of the fields; none if numbers may share a column."""
    return [
        Difference(name, value, second.clauses[name])
        for name, value in first.clauses.items()
        if value != second.clauses[name]
    ]


def describe_clause(name: str) -> str:
    """What a clause is about."""
    return FidelityProtocol.model_fields[name].description or ""


def _plain(value: Clause) -> str | int | float:
    """A number would not say whether 1 is a count or a yes."""
    if isinstance(value, bool) or value is None:
        return "yes" if value else "no"
    return value
