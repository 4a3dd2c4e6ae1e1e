"""From a path to the pictures that it stands for."""

from pathlib import Path

from ..errors import ConfigError, DataError
from ..evaluate.folder import FACTS as EVALUATION
from ..evaluate.folder import PICTURES
from ..run_folder import EXPERIMENT
from ..sample.folder import ARRAYS, IMAGES
from ..sample.folder import FACTS as SAMPLES
from .folder_pictures import FolderPictures
from .npz_pictures import npz_pictures
from .pictures import Pictures
from .run_pictures import held_out_pictures, sampled_pictures


def open_pictures(path: Path, system: str | None = None) -> Pictures:
    """The pictures of a folder, of an npz file, of a run, of `rqbench sample`, or those that
    `rqbench evaluate` reconstructed.

    Args:
        system: of a run, the system whose samples are meant; None for the held-out crops.

    Raises:
        DataError: no pictures there.
        ConfigError: a system of something that is no run, or one that the run lacks.
    """
    if (path / EXPERIMENT).is_file():
        return held_out_pictures(path) if system is None else sampled_pictures(path, system)
    if system is not None:
        raise ConfigError(f"{path} is no run of rqbench, and only a run has systems to choose.")
    if path.is_file():
        return npz_pictures(path) if path.suffix == ".npz" else _refuse_file(path)
    if not path.is_dir():
        raise DataError(f"{path} does not exist. Name a folder of images, an npz file or a run.")
    if (path / SAMPLES).is_file():
        return _samples(path)
    if (path / EVALUATION).is_file():
        return _reconstructions(path)
    return FolderPictures(path)


def _samples(path: Path) -> Pictures:
    """What `rqbench sample` wrote, without its sheet."""
    name = f"samples:{path.resolve().name}"
    if (path / ARRAYS).is_file():
        return npz_pictures(path / ARRAYS, name)
    if (path / IMAGES).is_dir():
        return FolderPictures(path / IMAGES, name)
    raise DataError(
        f"{path} holds samples that are not finished. The same `rqbench sample` goes on with them."
    )


def _reconstructions(path: Path) -> Pictures:
    """What `rqbench evaluate` wrote, without its sheet and report."""
    if not (path / PICTURES).is_dir():
        raise DataError(
            f"{path} holds an evaluation without its pictures. Evaluate again with "
            "--reconstructions."
        )
    return FolderPictures(path / PICTURES, f"reconstructions:{path.resolve().name}")


def _refuse_file(path: Path) -> Pictures:
    raise DataError(
        f"{path} is one file, and scores are of sets. Name a folder of images, an npz file with "
        "arr_0, or a run."
    )
