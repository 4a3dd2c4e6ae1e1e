"""A Hugging Face data set as a collection; needs the optional extra `hf`."""

import re
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DataError, UnsupportedError, did_you_mean
from .collection import Collection
from .folder import HELD_OUT, TRAINING
from .images import BadImageError, read_bytes

SOURCE = re.compile(r"hf:(?P<name>[^#:]+)(:(?P<subset>[^#]+))?(#(?P<splits>.+))?")


class HuggingFace(Collection):
    """The rows of one or two splits of a data set.

    The image column is the first with the feature type Image, the labels are the first ClassLabel
    column. Without named splits, training takes `train` (or the only split there is), and `test`,
    `validation` or `val` is held out where there is one.

    Args:
        source: "hf:NAME[:SUBSET][#TRAIN[,HELD_OUT]]". NAME is a data set of the hub, a folder that
            `save_to_disk` wrote, or a folder that `load_dataset("imagefolder", ...)` understands.
        labels: use the class column, where there is one.

    Raises:
        UnsupportedError: the package `datasets` is not installed.
        DataError: a data set that cannot be loaded, without such splits, or without images.
    """

    def __init__(self, source: str, labels: bool) -> None:
        match = SOURCE.fullmatch(source)
        if match is None:
            raise DataError(
                f"Data source {source!r} is not of the form 'hf:NAME[:SUBSET][#TRAIN[,HELD_OUT]]'."
            )
        self.name = f"hf:{Path(match['name']).name}"
        self.splits = _choose_splits(_load(match["name"], match["subset"]), match["splits"], source)
        training = next(iter(self.splits.values()))
        self.column = _column(training, "Image")
        if self.column is None:
            raise DataError(f"{source} has no column of the feature type Image.")
        label_column = _column(training, "ClassLabel") if labels else None
        self.class_names, self.labels = None, None
        if label_column is not None:
            self.class_names = tuple(training.features[label_column].names)
            values = [value for rows in self.splits.values() for value in rows[label_column]]
            if any(value is None or value < 0 for value in values):
                raise DataError(
                    f"{source} has rows without a label in {label_column!r}. Choose other splits, "
                    "or set data.labels to false."
                )
            self.labels = np.array(values, dtype=np.int64)
        self.rows = [
            (split, row) for split, rows in self.splits.items() for row in range(len(rows))
        ]
        self.names = tuple(f"{split}[{row}]" for split, row in self.rows)
        first = next(iter(self.splits))
        self.is_held_out = (
            np.array([split != first for split, _ in self.rows]) if len(self.splits) > 1 else None
        )
        encoded = _datasets().Image(decode=False)  # our own decoder, the same for every source
        self.splits = {
            split: rows.cast_column(self.column, encoded) for split, rows in self.splits.items()
        }

    def read(self, index: int) -> bytes:
        split, row = self.rows[index]
        cell = self.splits[split][row][self.column]
        if cell is None:
            raise BadImageError(self.names[index], "the row has no image")
        encoded: bytes | None = cell["bytes"]
        return encoded or read_bytes(Path(cell["path"]), self.names[index])


def _datasets() -> Any:
    try:
        import datasets  # late: it takes seconds, and few need it
    except ImportError:
        raise UnsupportedError(
            "Sources that begin with 'hf:' need the package datasets. "
            'Run `pip install "rqbench[hf]"`, or name a folder of images.'
        ) from None
    return datasets


def _load(name: str, subset: str | None) -> dict[str, Any]:
    """All splits by name."""
    datasets = _datasets()
    folder = Path(name)
    try:
        if not folder.is_dir():
            loaded = datasets.load_dataset(name, subset)
        elif (folder / "dataset_info.json").is_file() or (folder / "dataset_dict.json").is_file():
            loaded = datasets.load_from_disk(name)
        else:
            loaded = datasets.load_dataset("imagefolder", data_dir=name)
    except Exception as error:  # the hub's client raises errors of many libraries
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(
            f"The Hugging Face data set {name!r} cannot be loaded: {reason} Check its name, that "
            "the hub can be reached, and the subset ('hf:NAME:SUBSET')."
        ) from None
    return dict(loaded) if isinstance(loaded, dict) else {TRAINING: loaded}


def _choose_splits(splits: dict[str, Any], wanted: str | None, source: str) -> dict[str, Any]:
    """The training split, then the held-out one if any."""
    if wanted is not None:
        names = wanted.split(",")
    else:
        names = [TRAINING if TRAINING in splits or len(splits) != 1 else next(iter(splits))]
        names += [name for name in HELD_OUT if name in splits and name not in names][:1]
    for name in names:
        if name not in splits:
            raise DataError(
                f"{source} has no split {name!r}.{did_you_mean(name, splits)} It has: "
                f"{', '.join(splits)}. Choose with 'hf:NAME#TRAIN,HELD_OUT'."
            )
    if len(names) > 2 or len(set(names)) < len(names):
        raise DataError(f"{source} must name a training split and at most one other, held-out one.")
    return {name: splits[name] for name in names}


def _column(rows: Any, feature: str) -> str | None:
    """The first column of a feature type."""
    kind = getattr(_datasets(), feature)
    return next((name for name, found in rows.features.items() if isinstance(found, kind)), None)
