"""The embedded photographs: files that ship inside scikit-image and scikit-learn.

All are free: public domain, CC0 or CC-BY as the two packages' own documentation says.
The motorcycle pair of scikit-image states no licence and is left out.
"""

import importlib.util
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ..errors import DataError
from .strips import Side


@dataclass(frozen=True)
class PhotoFile:
    """One photograph: where it ships, and at which side its held-out strip lies.

    Sides were chosen by eye, so that strips hold detail rather than backdrop.
    """

    package: str
    file: str
    held_out_side: Side

    @property
    def name(self) -> str:
        return Path(self.file).stem


DISTRIBUTIONS = {"skimage": "scikit-image", "sklearn": "scikit-learn"}

PHOTO_FILES = (
    PhotoFile("skimage", "data/astronaut.png", "left"),
    PhotoFile("skimage", "data/chelsea.png", "left"),
    PhotoFile("skimage", "data/coffee.png", "left"),
    PhotoFile("skimage", "data/ihc.png", "right"),
    PhotoFile("skimage", "data/rocket.jpg", "right"),
    PhotoFile("skimage", "data/retina.jpg", "left"),
    PhotoFile("skimage", "data/hubble_deep_field.jpg", "right"),
    PhotoFile("sklearn", "datasets/images/china.jpg", "left"),
    PhotoFile("sklearn", "datasets/images/flower.jpg", "bottom"),
)


def locate(files: tuple[PhotoFile, ...]) -> tuple[dict[PhotoFile, Path], tuple[str, ...]]:
    """The path of each photograph that is there, and a line for each that is missing.

    The packages are found, not imported.

    Raises:
        DataError: half of the photographs or more are missing.
    """
    found, missing = {}, []
    for file in files:
        spec = importlib.util.find_spec(file.package)
        roots = (spec.submodule_search_locations if spec else None) or ()
        path = next((Path(root) / file.file for root in roots), None)
        if path is not None and path.is_file():
            found[file] = path
        else:
            missing.append(f"{file.name}: {_at_hand(file.package)} has no {file.file}")
    if 2 * len(missing) >= len(files):
        raise DataError(
            f"{len(missing)} of the {len(files)} embedded photographs are missing ("
            f"{'; '.join(missing)}). They ship inside two packages: run "
            "`pip install --force-reinstall scikit-image scikit-learn`, or name a folder of images."
        )
    return found, tuple(missing)


def _at_hand(package: str) -> str:
    distribution = DISTRIBUTIONS[package]
    try:
        return f"{distribution} {version(distribution)}"
    except PackageNotFoundError:
        return f"{distribution}, which is not installed,"
