"""`rqbench fidelity`."""

import json
from typing import Annotated

import typer

from .fidelity_cache import cache
from .fidelity_options import AS_JSON
from .fidelity_score import score
from .fidelity_stats import stats

fidelity = typer.Typer(
    no_args_is_help=True, help="FID, IS and their like, with the protocol they were measured by."
)

fidelity.command()(score)
fidelity.command()(stats)
fidelity.command()(cache)


@fidelity.callback()
def _options() -> None:
    """FID, IS and their like, with the protocol they were measured by."""


@fidelity.command()
def protocols(
    name: Annotated[
        str | None,
        typer.Argument(
            help="Show all clauses of this one; may be a YAML or JSON file of your own.",
            show_default=False,
        ),
    ] = None,
    json_: AS_JSON = False,
) -> None:
    """List the protocols that other projects publish in, and how well each is known.

    One of your own is a YAML file: `id: mine`, `like: clean`, then the clauses to change.
    """
    from ..fidelity.listing import as_json, list_protocols, one_protocol
    from .fidelity_tables import print_protocol, print_protocols
    from .output import result_console

    found = [one_protocol(name)] if name else list_protocols()
    if json_:
        told = [as_json(listed) for listed in found]
        print(json.dumps(told[0] if name else told, indent=2))
        return
    if name:
        print_protocol(result_console(), found[0])
    else:
        print_protocols(result_console(), found)


@fidelity.command()
def diff(
    first: Annotated[str, typer.Argument(help="A protocol by name, or a YAML or JSON file.")],
    second: Annotated[str, typer.Argument(help="Another.")],
    json_: AS_JSON = False,
) -> None:
    """Say which clauses of two protocols differ."""
    from ..fidelity.find_protocol import find_protocol
    from ..fidelity.protocol import diff as differences
    from .fidelity_tables import print_differences
    from .output import result_console

    protocols = find_protocol(first), find_protocol(second)
    found = differences(*protocols)
    if json_:
        print(json.dumps([difference._asdict() for difference in found], indent=2))
        return
    print_differences(result_console(), *protocols, found)


@fidelity.command()
def extractors(
    name: Annotated[
        str | None,
        typer.Argument(help="Show this one, and how to get its weights.", show_default=False),
    ] = None,
    json_: AS_JSON = False,
) -> None:
    """List the networks that give features, what their scores are called, and which are here."""
    from ..fidelity.listing import list_extractors, one_extractor
    from .fidelity_tables import print_extractors
    from .output import result_console

    found = [one_extractor(name)] if name else list_extractors()
    if json_:
        told = [vars(listed) for listed in found]
        print(json.dumps(told[0] if name else told, indent=2))
        return
    print_extractors(result_console(), found)
