"""Mirrors rqbench/data/source.py and config.py."""

import pytest

from rqbench.config import parse_config
from rqbench.data import DataConfig, open_data
from rqbench.data.photos import Photos
from rqbench.errors import ConfigError, DataError


def test_each_kind_of_source_opens_as_what_it_is(tmp_path, write):
    for nth in range(2):
        write(f"flowers/{nth}.png", nth)
    small = DataConfig(resolution=16, held_out=9)
    assert isinstance(open_data(small), Photos)
    folder = open_data(small.model_copy(update={"source": str(tmp_path / "flowers")}))
    assert folder.name == "folder:flowers" and str(tmp_path) not in folder.name
    with pytest.raises(DataError, match=r"nor a folder that exists.*--set data\.source=PATH"):
        open_data(small.model_copy(update={"source": str(tmp_path / "gone")}))


def test_lists_from_a_file_are_taken_and_impossible_values_named():
    assert parse_config(DataConfig, {"scales": [1, 2]}, "data").scales == (1.0, 2.0)
    for wrong in ({"scales": []}, {"scales": [0]}, {"held_out_share": 1}, {"resolution": 4}):
        with pytest.raises(ConfigError, match=f"data.{next(iter(wrong))}"):
            parse_config(DataConfig, wrong, "data")
