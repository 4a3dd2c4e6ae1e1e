"""The pictures of a run: the crops that it held out, and what its systems drew."""

from collections import Counter
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from torch import Tensor

from ..config import parse_config
from ..data import open_data
from ..data.config import DataConfig
from ..errors import ConfigError, DataError
from ..run_folder import RunFolder
from ..sample.system import SystemEntry, find_entry, read_index
from ..stages.draw_samples import read_samples
from .array_pictures import ArrayPictures


def held_out_pictures(run: Path) -> ArrayPictures:
    """The crops against which the run scored, cut again from its data.

    Raises:
        ConfigError: a run whose systems were trained on several data sets.
        DataError: the data is gone or has changed.
    """
    config, digest = _data_of(run)
    data = open_data(config)
    if digest is not None and data.digest != digest:
        raise DataError(
            f"{data.name} is not what {run} was trained on: its pictures, or the rules that cut "
            f"them, have changed. Run `rqbench compare` with --out {run} again."
        )
    held_out = data.held_out()
    classes = None if held_out.labels is None else held_out.labels.tolist()
    labels = None if classes is None else [(data.class_names or ())[label] for label in classes]
    return ArrayPictures(
        f"{run.resolve().name}:held-out", _rows(held_out.images), labels,
        _unique(held_out.clusters), held_out.clusters,
    )  # fmt: skip


def sampled_pictures(run: Path, system: str) -> ArrayPictures:
    """What a system drew for its score.

    Raises:
        ConfigError: no such system, or an index without its samples.
        DamagedFileError: samples that are not what was written.
    """
    name, entry = find_entry(run, system)
    if entry.samples is None:
        raise ConfigError(
            f"{run} does not say where the samples of {name!r} lie. Run `rqbench compare` with "
            f"--out {run} again (what is complete is kept), or draw some with `rqbench sample`."
        )
    images = read_samples(run / entry.samples)
    classes = entry.class_names
    labels = classes and [classes[index % len(classes)] for index in range(len(images))]
    return ArrayPictures(f"{run.resolve().name}:{name}", _rows(images), labels)


def _data_of(run: Path) -> tuple[DataConfig, str | None]:
    """What the run's systems were trained on, or would be."""
    entries = [
        parse_config(SystemEntry, values, f"{run}: {name}")
        for name, values in read_index(run, "models").items()
    ]
    found = {entry.data_digest: entry.data for entry in entries if entry.data is not None}
    if len(found) > 1:
        raise ConfigError(
            f"{run} is a sweep over {len(found)} data sets, each with its own held-out crops. Name "
            "a folder of pictures instead."
        )
    if found:
        return found.popitem()[::-1]
    data = RunFolder(run).experiment().get("data", {})
    return parse_config(DataConfig, data, "experiment.data"), None


def _rows(images: Tensor) -> UInt8[np.ndarray, "n H W 3"]:
    pixels: UInt8[np.ndarray, "n H W 3"] = images.permute(0, 2, 3, 1).numpy()
    return pixels


def _unique(clusters: tuple[str, ...]) -> list[str]:
    """A name for each crop: its photograph, and which crop of that it is."""
    times: Counter[str] = Counter()
    names = []
    for cluster in clusters:
        names.append(f"{cluster} {times[cluster]}")
        times[cluster] += 1
    return names
