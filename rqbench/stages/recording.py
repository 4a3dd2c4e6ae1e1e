"""Making records: the same words around every number of one system."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..codes import Codes
from ..files import write_json
from ..metric_names import describe
from ..metrics.fidelity import Score
from ..metrics.protocol import Protocol
from ..metrics.usage import Usage, grain_ratios
from ..record import Record, write_records
from ..resampling import mean_interval
from ..run_folder import PROTOCOLS, RECORDS


def write_with_protocols(
    folder: Path, records: Sequence[Record], protocols: Mapping[str, Protocol]
) -> list[str]:
    """Write records, and in full what each of their protocol hashes stands for."""
    write_records(folder / RECORDS, records)
    clauses = {name: protocol.model_dump(mode="json") for name, protocol in protocols.items()}
    write_json(folder / PROTOCOLS, clauses)
    return [RECORDS, PROTOCOLS]


@dataclass(frozen=True)
class Provenance:
    """What all records of one experiment, or of one evaluation, say alike.

    Attributes:
        seed: of the training.
        environment: its id.
    """

    experiment: str
    data: str
    split: str
    seed: int
    environment: str


@dataclass(frozen=True)
class Recorder:
    """Writes records of one tokenizer, or of one system where a prior is named."""

    provenance: Provenance
    tokenizer: str
    prior: str | None = None
    protocols: dict[str, Protocol] = field(default_factory=dict)

    def write(self, folder: Path, records: Sequence[Record]) -> list[str]:
        """Write the records and the protocols that they name; the names of the files."""
        return write_with_protocols(folder, records, self.protocols)

    def number(
        self,
        metric: str,
        value: float,
        protocol: Protocol,
        n: int = 1,
        settings: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Record:
        """One number without a spread of its own."""
        meaning = describe(metric)
        self.protocols[protocol.hash] = protocol
        fields: dict[str, Any] = {
            **vars(self.provenance),
            "system": f"{self.tokenizer} + {self.prior}" if self.prior else self.tokenizer,
            "tokenizer": self.tokenizer,
            "prior": self.prior,
            "metric": metric,
            "value": value,
            "unit": meaning.unit,
            "higher_is_better": meaning.higher_is_better,
            "n": n,
            "protocol": protocol.id,
            "protocol_hash": protocol.hash,
            "settings": dict(settings or {}),
        }
        return Record(**(fields | more))

    def mean(
        self,
        metric: str,
        values: Sequence[float],
        protocol: Protocol,
        clusters: Sequence[str] | None = None,
        settings: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Record:
        """A mean of per-image values with its interval, and the values themselves."""
        interval = mean_interval(values, clusters)
        return self.number(
            metric, interval.value, protocol, len(values), settings,
            ci95=(interval.low, interval.high), ci_method=interval.method, raw=list(values),
            clusters=None if clusters is None else list(clusters), **more,
        )  # fmt: skip

    def score(
        self, score: Score, protocol: Protocol, settings: Mapping[str, Any] | None = None
    ) -> Record:
        """A score of a whole set; `settings` are those of the operating point."""
        return self.number(
            score.metric, score.value, protocol, score.n, {**(settings or {}), **score.settings},
            ci95=score.ci95, ci_method=score.ci_method, replicates=score.replicates,
            clusters=score.clusters,
        )  # fmt: skip


def grain_records(
    recorder: Recorder,
    codes: Codes,
    protocol: Protocol,
    clusters: Sequence[str] | None = None,
    settings: Mapping[str, Any] | None = None,
    **more: Any,
) -> list[Record]:
    """The share of fine regions, and that of each grain by its number."""
    settings, ratios = settings or {}, grain_ratios(codes)
    shares = [("fine_ratio", settings, ratios[:, -1])]
    shares += [
        ("grain_ratio", {**settings, "grain": grain}, ratio)
        for grain, ratio in enumerate(ratios.unbind(dim=1))
    ]
    return [
        recorder.mean(metric, ratio.tolist(), protocol, clusters, at, **more)
        for metric, at, ratio in shares
    ]


def usage_records(
    recorder: Recorder, usages: Sequence[Usage], protocol: Protocol, n: int, **more: Any
) -> list[Record]:
    """Share in use and perplexity, each for all codes and for its parts."""
    records = []
    for part in usages:
        settings = {  # depths are told from 1, as a stack's prefixes are
            key: value + 1 if key == "depth" else value for key, value in part.settings.items()
        }
        records += [
            recorder.number(metric, value, protocol, n, settings, **more)
            for metric, value in (
                ("codebook_usage", part.used_share),
                ("codebook_perplexity", part.perplexity),
            )
        ]
    return records
