"""Options that the commands of `rqbench fidelity` share."""

from pathlib import Path
from typing import Annotated

import typer

PROTOCOL = Annotated[
    str,
    typer.Option("--protocol", "-p", help="By name, or a YAML or JSON file.", metavar="NAME"),
]
EXTRACTOR = Annotated[
    str | None,
    typer.Option(
        "--extractor", help="Another network than the protocol's; scores then carry its name."
    ),
]
SKIP_BAD = Annotated[
    bool, typer.Option("--skip-bad", help="Leave out pictures that cannot be used.")
]
WEIGHTS = Annotated[
    Path | None,
    typer.Option(
        exists=True, dir_okay=False, help="The extractor's weights, where they lie elsewhere."
    ),
]
DOWNLOAD = Annotated[
    bool,
    typer.Option(
        "--download", help="Fetch the extractor's published weights if they are not here."
    ),
]
CACHE = Annotated[
    Path | None,
    typer.Option(
        envvar="RQBENCH_CACHE",
        file_okay=False,
        help="Where features are kept, to go on after a stop and to be found again; "
        "`rqbench fidelity cache` empties it. Else rqbench/features in your folder of caches "
        "(~/.cache).",
        show_default=False,
    ),
]
WORKERS = Annotated[
    int | None,
    typer.Option(min=1, help="Threads that read and decode; else one a core.", show_default=False),
]
BATCH = Annotated[int, typer.Option(min=1, help="Images the network sees together.")]
DEVICE = Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:i")]
AS_JSON = Annotated[
    bool, typer.Option("--json", help="Machine-readable result on standard output.")
]
