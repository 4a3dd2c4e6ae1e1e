"""What `rqbench fidelity score --sensitivity` prints for people."""

from collections.abc import Iterator, Sequence

from rich.console import Console

from ..fidelity.foot import DIGITS, network, sets, shared
from ..fidelity.sensitivity import ByProtocol, Sensitivity, spread
from .fidelity_score_tables import decimals_of_rated, heading, short_name
from .fitting_table import print_numbers

_OF_TABLE = (
    "±: one standard error, that of other pictures in these places. All protocols saw the same.",
    "spread: the greatest value less the least, and how much of the least that is.",
)


def print_sensitivity(console: Console, found: Sensitivity) -> None:
    """A table for each scale of features, with a row for each protocol and the spread of all."""
    for alike in found.alike():
        _print(console, alike)
    for line in (*_OF_TABLE, *_protocols(found)):
        print(line)
    for why, left in shared(found.left_out.items()):
        print(f"left out {', '.join(left)}: {why}")
    for line in (*sets(found.by_protocol[0].scoring), *_traps(found)):
        print(line)


def _print(console: Console, alike: Sequence[ByProtocol]) -> None:
    names = {
        rated.score: short_name(rated.metric(each.scoring.extractor.name), each.scoring)
        for each in sorted(alike, key=lambda each: -len(each.scoring.rated[0]))  # all scores first
        for rated in each.scoring.rated[0]
    }
    rows = [(_label(each), *_values(each, list(names))) for each in alike]
    if len(alike) > 1:
        rows.append(("spread", *(_spread(alike, score) for score in names)))
    print_numbers(console, (heading("protocol", alike[0].scoring), *names.values()), rows)


def _label(each: ByProtocol) -> str:
    """Its other names follow below."""
    first, *others = each.names
    return f"{first} +{len(others)}" if others else first


def _values(each: ByProtocol, scores: Sequence[str]) -> Iterator[str]:
    rated = {one.score: one for one in each.scoring.rated[0]}
    for score in scores:
        if score not in rated:
            yield ""
            continue
        one, decimals = rated[score], decimals_of_rated(rated[score])
        error = one.error.standard_error
        told = f" ± {error:{decimals}}" if error < float("inf") else ""
        yield f"{one.value:{decimals}}{told}"


def _spread(alike: Sequence[ByProtocol], score: str) -> str:
    """With the decimals of the value that is known best."""
    rated = [one for each in alike for one in each.scoring.rated[0] if one.score == score]
    least, greatest = spread(alike, score)
    best = min(rated, key=lambda one: one.error.standard_error)
    share = f" ({greatest / least - 1:.1%})" if least > 0 else ""
    return f"{greatest - least:{decimals_of_rated(best)}}{share}"


def _protocols(found: Sensitivity) -> Iterator[str]:
    for each in found.by_protocol:
        sha256 = each.scoring.protocol.sha256[:DIGITS]
        yield f"{', '.join(each.names)}: {network(each.scoring)}, SHA-256 {sha256}"


def _traps(found: Sensitivity) -> Iterator[str]:
    """Each trap once: some depend on a protocol's size or shuffling."""
    told: set[str] = set()
    for each in found.by_protocol:
        for trap in (one for one in each.scoring.traps[0] if one.name not in told):
            told.add(trap.name)
            yield f"warning: {trap} (by {each.names[0]})"
