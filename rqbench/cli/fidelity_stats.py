"""`rqbench fidelity stats`."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..counted import counted
from .fidelity_options import (
    AS_JSON,
    BATCH,
    CACHE,
    DEVICE,
    DOWNLOAD,
    EXTRACTOR,
    PROTOCOL,
    SKIP_BAD,
    WEIGHTS,
    WORKERS,
)  # fmt: skip


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
    protocol: PROTOCOL = "torch-fidelity",
    extractor: EXTRACTOR = None,
    system: Annotated[
        str | None,
        typer.Option(help="Of a run: the system whose samples are meant.", metavar="NAME"),
    ] = None,
    features: Annotated[
        bool,
        typer.Option("--features", help="Keep the features too, for KID, precision and recall."),
    ] = False,
    skip_bad: SKIP_BAD = False,
    weights: WEIGHTS = None,
    download: DOWNLOAD = False,
    cache: CACHE = None,
    workers: WORKERS = None,
    batch: BATCH = 32,
    device: DEVICE = "auto",
    json_: AS_JSON = False,
) -> None:
    """Save mean and covariance of the features of pictures, as a reference for scores."""
    from ..environment import find_device  # late: --help needs no torch
    from ..fidelity.chunk_store import default_cache
    from ..fidelity.find_protocol import find_protocol
    from ..fidelity.open_pictures import open_pictures
    from ..fidelity.stats import write_stats
    from ..fidelity.with_extractor import with_extractor
    from ..metrics.extractor import load_extractor
    from .interruption import going_on_from

    chosen = with_extractor(find_protocol(protocol), extractor)
    network = load_extractor(chosen, find_device(device), weights, download)
    with going_on_from(cache or default_cache()):
        found = write_stats(
            open_pictures(pictures, system), chosen, network, out, keep_features=features,
            skip_bad=skip_bad, cache=cache, workers=workers, batch=batch,
            console=Console(stderr=True),
        )  # fmt: skip
    assert found.about is not None  # it has just been made
    if json_:
        told = found.about.model_dump(mode="json") | {"file": str(out), "dim": found.dim}
        print(json.dumps(told, indent=2))
        return
    print(f"{counted(found.about.n, 'picture')} of {found.about.pictures} by {chosen.id} -> {out}")
