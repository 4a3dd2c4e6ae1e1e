"""`rqbench fidelity stats`."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console


def stats(
    pictures: Annotated[
        Path,
        typer.Argument(
            exists=True,
            help="A folder of images, an npz file with arr_0, a folder of `rqbench sample`, or a "
            "run (its held-out crops).",
        ),
    ],
    out: Annotated[Path, typer.Option(help="The file that is written; it ends in .npz.")],
    protocol: Annotated[
        str,
        typer.Option("--protocol", "-p", help="By name, or a YAML or JSON file.", metavar="NAME"),
    ] = "torch-fidelity",
    system: Annotated[
        str | None,
        typer.Option(help="Of a run: the system whose samples are meant.", metavar="NAME"),
    ] = None,
    features: Annotated[
        bool,
        typer.Option("--features", help="Keep the features too, for KID, precision and recall."),
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out pictures that cannot be used.")
    ] = False,
    weights: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="The extractor's weights, where they lie elsewhere."
        ),
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(
            envvar="RQBENCH_CACHE",
            file_okay=False,
            help="Where features are kept, to go on after a stop and to be found again; it may be "
            "deleted at any time. Else rqbench/features in your folder of caches (~/.cache).",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, help="Threads that read and decode; else one a core.", show_default=False
        ),
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Images the network sees together.")] = 32,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:i")] = "auto",
    json_: Annotated[
        bool, typer.Option("--json", help="Machine-readable result on standard output.")
    ] = False,
) -> None:
    """Save mean and covariance of the features of pictures, as a reference for scores."""
    from ..environment import find_device  # late: --help needs no torch
    from ..fidelity.find_protocol import find_protocol
    from ..fidelity.open_pictures import open_pictures
    from ..fidelity.stats import write_stats
    from ..metrics.extractor import load_extractor

    chosen = find_protocol(protocol)
    extractor = load_extractor(chosen, find_device(device), weights)
    found = write_stats(
        open_pictures(pictures, system), chosen, extractor, out, keep_features=features,
        skip_bad=skip_bad, cache=cache, workers=workers, batch=batch,
        console=Console(stderr=True),
    )  # fmt: skip
    assert found.about is not None  # it has just been made
    if json_:
        told = found.about.model_dump(mode="json") | {"file": str(out), "dim": found.dim}
        print(json.dumps(told, indent=2))
        return
    print(f"{found.n} pictures of {found.about.pictures} by {chosen.id} -> {out}")
