"""`rqbench fidelity stats`, for Python users too: statistics of a set of pictures into a file."""

import os
from pathlib import Path

from rich.console import Console

from ..errors import ConfigError, DataError
from ..files import check_free
from ..metrics.extractor import Extractor
from ..progress import Progress
from .chunk_store import default_cache
from .feature_pass import feature_pass
from .make_statistics import make_statistics
from .pictures import Pictures
from .protocol import FidelityProtocol
from .statistics_file import Statistics, save_statistics

MAX_WORKERS = 8


def default_workers() -> int:
    """Threads that read and decode where nobody has said how many."""
    return min(MAX_WORKERS, os.cpu_count() or 1)


def write_stats(
    pictures: Pictures,
    protocol: FidelityProtocol,
    extractor: Extractor,
    out: Path,
    *,
    keep_features: bool = False,
    skip_bad: bool = False,
    cache: Path | None = None,
    workers: int | None = None,
    batch: int = 32,
    console: Console | None = None,
) -> Statistics:
    """Measure pictures and write their statistics; see `feature_pass` for the arguments.

    Args:
        extractor: of the protocol.
        out: a new file that ends in .npz.
        cache: None for `default_cache`.

    Raises:
        ConfigError: a file that is there already, or with another ending.
        DataError: fewer than two pictures, or one that cannot be used.
    """
    if out.suffix != ".npz":
        raise ConfigError(f"{out} does not end in .npz, by which statistics are known. Name it so.")
    check_free(out)
    with Progress(console or Console(quiet=True), 1) as progress:
        progress.begin_stage("features")
        found = feature_pass(
            pictures, extractor, cache or default_cache(), workers or default_workers(), batch,
            progress, skip_bad,
        )  # fmt: skip
        progress.end_stage(True)
    if found.n < 2:
        raise DataError(f"{pictures.name} has one picture to measure, which has no covariance.")
    made = make_statistics(pictures.name, found, protocol, extractor, keep_features)
    save_statistics(out, made)
    return made
