"""What `rqbench fidelity protocols`, `diff` and `extractors` print for people."""

from collections.abc import Iterator, Sequence

from rich import box
from rich.markup import escape
from rich.table import Table

from ..fidelity.dialects import ALIASES
from ..fidelity.listing import Listed, ListedExtractor
from ..fidelity.protocol import Clause, Difference, FidelityProtocol, describe_clause

DIGITS = 12
"""Of a protocol's SHA-256: as many as records show."""


def protocol_list(listed: Sequence[Listed]) -> Iterator[Table | str]:
    """One line each, and a foot."""
    table = _table("Protocols", ("Name", "Whose way it is", "SHA-256", "Standing"))
    for each in listed:
        protocol = each.protocol
        shown = (protocol.id, protocol.title, protocol.sha256[:DIGITS], each.standing)
        table.add_row(*map(escape, shown))
    yield table
    also = ", ".join(f"{name} is {meant}" for name, meant in ALIASES.items())
    yield f"{also}. `rqbench fidelity protocols NAME` shows all clauses of one."


def protocol_whole(listed: Listed) -> Iterator[Table | str]:
    """Every clause with its meaning and where it was found."""
    protocol = listed.protocol
    title = f"{protocol.id}: {protocol.title}" if protocol.title else protocol.id
    table = _table(title, ("Clause", "Value", "What it is", "Known from"))
    for name, value in protocol.clauses.items():
        shown = (name, _told(value), describe_clause(name), listed.source(name))
        table.add_row(*map(escape, shown))
    yield table
    said = [f"Standing: {listed.standing}.", f"SHA-256: {protocol.sha256}.", listed.note]
    yield escape("\n".join(filter(None, said)))


def difference_table(
    first: FidelityProtocol, second: FidelityProtocol, found: Sequence[Difference]
) -> Table | str:
    """The clauses that differ, or a sentence if none does."""
    if not found:
        return escape(
            f"{first.id} and {second.id} differ in no clause: their numbers may share a column."
        )
    table = _table("Clauses that differ", ("Clause", first.id, second.id, "What it is"))
    for clause, ours, theirs in found:
        table.add_row(*map(escape, (clause, _told(ours), _told(theirs), describe_clause(clause))))
    return table


def extractor_list(listed: Sequence[ListedExtractor]) -> Iterator[Table | str]:
    """One line each; of one alone also how to get its weights."""
    columns = ("Name", "Network", "Features", "Classes", "Fréchet distance", "Weights")
    table = _table("Extractors", columns)
    for each in listed:
        shown = (each.name, each.title, str(each.dim), str(each.num_classes or "-"), each.frechet)
        table.add_row(*map(escape, shown), "not here" if each.lacks else "ready")
    yield table
    alone = listed[0].lacks if len(listed) == 1 else ""
    yield escape(alone or "`rqbench fidelity extractors NAME` says how to get its weights.")


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=escape(title), title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1))
    for place, column in enumerate(columns):
        table.add_column(escape(column), overflow="fold", no_wrap=place == 0)
    return table


def _told(value: Clause) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) and value >= 10_000 else str(value)
