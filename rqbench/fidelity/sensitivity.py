"""The same pictures by every protocol that applies: how much the protocol alone changes."""

from dataclasses import dataclass, replace
from pathlib import Path

import torch

from ..errors import ConfigError, UnsupportedError
from ..metrics.extractor import load_extractor
from .dialects import DIALECTS
from .protocol import FidelityProtocol
from .score import Effort, Scoring, Source, score
from .with_extractor import with_extractor

SILENT = {"id", "title", "pixels", "reference", "files", "classes", "num_samples"}
"""What changes no score of given 8-bit pictures."""


@dataclass(frozen=True)
class Sensitivity:
    """
    Attributes:
        scorings: by the names of the protocols that are one for given 8-bit pictures.
        left_out: why each of the other protocols does not apply.
    """

    scorings: dict[str, Scoring]
    left_out: dict[str, str]

    def spread(self, name: str) -> tuple[float, float]:
        """The least and the greatest value of one score, over protocols by which it has the same
        name as by the first: others have features on another scale."""
        values: dict[str, list[float]] = {}
        for scoring in self.scorings.values():
            for rated in scoring.rated[0]:
                if rated.score == name:
                    values.setdefault(rated.metric(scoring.extractor.name), []).append(rated.value)
        alike = next(iter(values.values()))
        return min(alike), max(alike)


def sensitivity(
    reference: Source,
    candidate: Source,
    extractor: str | None,
    device: torch.device | str,
    weights: Path | None = None,
    strict: bool = False,
    effort: Effort | None = None,
) -> Sensitivity:
    """Score by every named protocol; those that give the same features share one pass.

    The reference is its pictures for all of them: statistics beside those are of other pictures,
    and only some protocols could take them.

    Args:
        extractor: the network for all of them; None for each one's own.
        weights: of that network; without one each finds its own.

    Raises:
        ConfigError: weights without their network, or no protocol applies; says why of each.
    """
    if weights is not None and extractor is None:
        raise ConfigError(
            "--weights are of one network, and each protocol has its own. Name it with --extractor."
        )
    reference = replace(reference, takes_given=False)
    found: dict[str, Scoring] = {}
    left_out: dict[str, str] = {}
    for names, protocol in _protocols(extractor, left_out).items():
        try:
            network = load_extractor(protocol, device, weights)
            found[names] = score(
                reference, [candidate], protocol, network, strict=strict, effort=effort
            )
        except (UnsupportedError, ConfigError) as error:  # such as statistics of another protocol
            left_out[names] = str(error)
    if not found:
        why = "\n".join(f"{name}: {reason}" for name, reason in left_out.items())
        raise ConfigError(f"No protocol applies here.\n{why}")
    return Sensitivity(found, left_out)


def _protocols(extractor: str | None, left_out: dict[str, str]) -> dict[str, FidelityProtocol]:
    """Those that differ for given 8-bit pictures, by all their names."""
    names: dict[str, list[str]] = {}
    protocols: dict[str, FidelityProtocol] = {}
    for name, dialect in DIALECTS.items():
        try:
            protocol = with_extractor(dialect.protocol, extractor)
        except ConfigError as error:
            left_out[name] = str(error)
            continue
        key = protocol.model_dump_json(exclude=SILENT)
        names.setdefault(key, []).append(name)
        protocols.setdefault(key, protocol)
    return {", ".join(names[key]): protocol for key, protocol in protocols.items()}
