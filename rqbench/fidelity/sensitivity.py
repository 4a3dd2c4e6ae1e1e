"""The same pictures by every protocol that applies: how much the protocol alone changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from ..errors import ConfigError, UnsupportedError
from ..metric_names import score_name
from ..metrics.extractor import load_extractor
from .dialects import DIALECTS
from .protocol import FidelityProtocol
from .score import Effort, Scoring, Source, score
from .with_extractor import with_extractor

SILENT = {"id", "title", "pixels", "reference", "files", "classes", "num_samples"}
"""What changes no score of given 8-bit pictures."""


@dataclass(frozen=True)
class ByProtocol:
    """
    Attributes:
        names: of all protocols that are this one for given 8-bit pictures.
        scoring: by it.
    """

    names: list[str]
    scoring: Scoring


@dataclass(frozen=True)
class Sensitivity:
    """
    Attributes:
        by_protocol: the asked protocol first.
        left_out: by name, why each of the other protocols does not apply.
    """

    by_protocol: list[ByProtocol]
    left_out: dict[str, str]

    def alike(self) -> list[list[ByProtocol]]:
        """Those whose features are on one scale, so that their scores have the same names."""
        groups: dict[str, list[ByProtocol]] = {}
        for each in self.by_protocol:
            name = score_name("fid", each.scoring.extractor.name)
            groups.setdefault(name, []).append(each)
        return list(groups.values())


def spread(alike: Sequence[ByProtocol], score: str) -> tuple[float, float]:
    """The least and the greatest value of one score."""
    rated = [one for each in alike for one in each.scoring.rated[0]]
    values = [one.value for one in rated if one.score == score]
    return min(values), max(values)


def sensitivity(
    reference: Source,
    candidate: Source,
    protocol: FidelityProtocol,
    extractor: str | None,
    device: torch.device | str,
    weights: Path | None = None,
    strict: bool = False,
    effort: Effort | None = None,
) -> Sensitivity:
    """Score by a protocol and by every named one; those that give the same features share a pass.

    The reference is its pictures for all of them: statistics beside those are of other pictures,
    and only some protocols could take them.

    Args:
        protocol: stands first; it may be one of the named.
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
    found: list[ByProtocol] = []
    left_out: dict[str, str] = {}
    for names, each in _distinct(_all_beside(protocol), extractor, left_out):
        try:
            network = load_extractor(each, device, weights)
            scoring = score(reference, [candidate], each, network, strict=strict, effort=effort)
            found.append(ByProtocol(names, scoring))
        except (UnsupportedError, ConfigError) as error:  # such as statistics of another protocol
            left_out |= dict.fromkeys(names, str(error))
    if not found:
        why = "\n".join(f"{name}: {reason}" for name, reason in left_out.items())
        raise ConfigError(f"No protocol applies here.\n{why}")
    return Sensitivity(found, left_out)


def _all_beside(protocol: FidelityProtocol) -> dict[str, FidelityProtocol]:
    """All named protocols behind this one, which may have the name of one and other clauses."""
    named = {name: dialect.protocol for name, dialect in DIALECTS.items()}
    is_known = named.get(protocol.id, protocol) == protocol
    return {protocol.id if is_known else f"{protocol.id} (your own)": protocol} | named


def _distinct(
    protocols: dict[str, FidelityProtocol], extractor: str | None, left_out: dict[str, str]
) -> list[tuple[list[str], FidelityProtocol]]:
    """Those that differ for given 8-bit pictures, by all their names."""
    found: dict[str, tuple[list[str], FidelityProtocol]] = {}
    for name, protocol in protocols.items():
        try:
            changed = with_extractor(protocol, extractor)
        except ConfigError as error:
            left_out[name] = str(error)
            continue
        key = changed.model_dump_json(exclude=SILENT)
        names, _ = found.setdefault(key, ([], changed))
        names.append(name)
    return list(found.values())
