"""`rqbench fidelity score`."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

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


def score(
    reference: Annotated[
        Path,
        typer.Argument(
            metavar="REAL",
            exists=True,
            help="The reference: a folder of images, an npz file (arr_0, saved mu and sigma, or "
            "both), a folder of `rqbench sample`, or a run (its held-out crops).",
        ),
    ],
    candidate: Annotated[
        Path, typer.Argument(metavar="FAKE", exists=True, help="What is scored, of any such kind.")
    ],
    protocol: PROTOCOL = "torch-fidelity",
    system: Annotated[
        str | None,
        typer.Option(help="Where FAKE is a run: the system whose samples are meant."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            help="Other pictures, compared with FAKE: difference, interval, p-value and the "
            "smallest difference that so many pictures can show.",
        ),
    ] = None,
    against_system: Annotated[
        str | None, typer.Option(help="Where --against is a run: its system.")
    ] = None,
    training: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            help="What FAKE's model was trained on: whether samples lie nearer to it than held-out "
            "pictures, which REAL then has to be.",
        ),
    ] = None,
    sensitivity: Annotated[
        bool,
        typer.Option(
            "--sensitivity",
            help="Score the same pictures by --protocol and by every named one that applies.",
        ),
    ] = False,
    extractor: EXTRACTOR = None,
    infinity: Annotated[
        bool,
        typer.Option(
            "--infinity", help="Extrapolate FID to infinitely many pictures too (15 distances)."
        ),
    ] = False,
    paired: Annotated[
        bool,
        typer.Option(
            "--paired", help="FAKE are reconstructions of REAL's pictures, in the same order."
        ),
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="A trap is an error, not a warning.")
    ] = False,
    skip_bad: SKIP_BAD = False,
    weights: WEIGHTS = None,
    download: DOWNLOAD = False,
    cache: CACHE = None,
    workers: WORKERS = None,
    batch: BATCH = 32,
    device: DEVICE = "auto",
    out: Annotated[
        Path | None,
        typer.Option(
            help="A new folder for the records, which `rqbench report` reads.", show_default=False
        ),
    ] = None,
    json_: AS_JSON = False,
) -> None:
    """Score pictures against a reference: FID, KID, IS, precision, recall and how sure they are."""
    from ..environment import find_device  # late: --help needs no torch
    from ..errors import ConfigError
    from ..fidelity.chunk_store import default_cache
    from ..fidelity.find_protocol import find_protocol
    from ..fidelity.score import Effort, Source
    from ..fidelity.score import score as measure
    from ..fidelity.score_records import as_json, write_scores
    from ..fidelity.sensitivity import sensitivity as measure_all
    from ..fidelity.with_extractor import with_extractor
    from ..files import check_free
    from ..metrics.extractor import load_extractor
    from .fidelity_score_tables import print_scores
    from .fidelity_sensitivity_table import print_sensitivity
    from .interruption import going_on_from
    from .output import result_console

    if out is not None:
        check_free(out)
    if against_system is not None and against is None:
        raise ConfigError("--against-system is of the run that --against names. Give that too.")
    kept = cache or default_cache()
    effort = Effort(kept, workers, batch, skip_bad, Console(stderr=True))
    real, fakes = Source(reference), [Source(candidate, system)]
    if against is not None:
        fakes.append(Source(against, against_system))
    found_device, asked = find_device(device), find_protocol(protocol)
    if sensitivity:
        if against or training or infinity or paired or out or download:
            raise ConfigError(
                "--sensitivity prints the scores of FAKE by every named protocol, and goes with "
                "none of --against, --training, --infinity, --paired, --out and --download. Leave "
                "them away."
            )
        with going_on_from(kept):
            all_found = measure_all(
                real, fakes[0], asked, extractor, found_device, weights, strict, effort
            )
        if json_:
            told = [
                {"protocols": each.names, **as_json(each.scoring)} for each in all_found.by_protocol
            ]
            print(json.dumps({"scored": told, "left_out": all_found.left_out}, indent=2))
        else:
            print_sensitivity(result_console(), all_found)
        return
    chosen = with_extractor(asked, extractor)
    network = load_extractor(chosen, found_device, weights, download)
    learned = None if training is None else Source(training)
    with going_on_from(kept):
        found = measure(
            real, fakes, chosen, network,
            training=learned, infinity=infinity, is_paired=paired, strict=strict, effort=effort,
        )  # fmt: skip
    if out is not None:
        write_scores(out, found)
    if json_:
        print(json.dumps(as_json(found), indent=2))
        return
    print_scores(result_console(), found)
