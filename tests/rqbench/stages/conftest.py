"""An open experiment without classes, and one with two."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rqbench.compare import open_settings
from rqbench.data import DataConfig
from rqbench.experiment import Experiment
from rqbench.stages.setting import Setting


@pytest.fixture(scope="session")
def setting(two_systems: Experiment) -> Setting:
    return open_settings(two_systems, "cpu")[0]


@pytest.fixture(scope="session")
def classes(
    build_experiment: Callable[..., Experiment],
    write_classes: Callable[[Path], Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Setting:
    """One system on a folder of noise in two classes."""
    root = write_classes(tmp_path_factory.mktemp("classes") / "noise")
    data = DataConfig(source=str(root), resolution=32, held_out=4, held_out_share=0.4)
    return open_settings(build_experiment(("vq-4x4", "raster"), data=data), "cpu")[0]
