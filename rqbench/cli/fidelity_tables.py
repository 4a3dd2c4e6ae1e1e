"""What `rqbench fidelity protocols`, `diff` and `extractors` print for people."""

from collections.abc import Sequence

from rich.console import Console

from ..fidelity.dialects import ALIASES
from ..fidelity.foot import DIGITS
from ..fidelity.listing import Listed, ListedExtractor
from ..fidelity.protocol import Clause, Difference, FidelityProtocol, describe_clause
from .fitting_table import print_texts


def print_protocols(console: Console, listed: Sequence[Listed]) -> None:
    """One line each, and a foot."""
    protocols = [(each.protocol, each.standing) for each in listed]
    print_texts(
        console, ("protocol", "whose way it is", "SHA-256", "standing"),
        [(each.id, each.title, each.sha256[:DIGITS], standing) for each, standing in protocols],
    )  # fmt: skip
    also = ", ".join(f"{name} is {meant}" for name, meant in ALIASES.items())
    print(f"{also}. `rqbench fidelity protocols NAME` shows all clauses of one.")


def print_protocol(console: Console, listed: Listed) -> None:
    """Every clause with its meaning and where it was found."""
    protocol = listed.protocol
    print(f"{protocol.id}: {protocol.title}" if protocol.title else protocol.id)
    rows = [
        (name, _told(value), describe_clause(name), listed.source(name))
        for name, value in protocol.clauses.items()
    ]
    print_texts(console, ("clause", "value", "what it is", "known from"), rows)
    said = [f"Standing: {listed.standing}.", f"SHA-256: {protocol.sha256}.", listed.note]
    print("\n".join(filter(None, said)))


def print_differences(
    console: Console,
    first: FidelityProtocol,
    second: FidelityProtocol,
    found: Sequence[Difference],
) -> None:
    """The clauses that differ and what they mean, or a sentence if none does."""
    if not found:
        print(f"{first.id} and {second.id} differ in no clause: their numbers may share a column.")
        return
    rows = [(clause, _told(ours), _told(theirs)) for clause, ours, theirs in found]
    print_texts(console, ("clause", first.id, second.id), rows)
    for clause, _, _ in found:
        print(f"{clause}: {describe_clause(clause)}")


def print_extractors(console: Console, listed: Sequence[ListedExtractor]) -> None:
    """One line each; of one alone also what its scores are called and how to get its weights."""
    rows = [
        (
            each.name, each.title, str(each.dim), str(each.num_classes or "-"),
            "missing" if each.lacks else "ready",
        )
        for each in listed
    ]  # fmt: skip
    print_texts(console, ("extractor", "network", "features", "classes", "weights"), rows)
    if len(listed) > 1:
        print("`rqbench fidelity extractors NAME` says how to get the weights of one.")
        return
    [alone] = listed
    print(f"Its Fréchet distance is called {alone.frechet}.", alone.lacks, sep="\n")


def _told(value: Clause) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) and value >= 10_000 else str(value)
