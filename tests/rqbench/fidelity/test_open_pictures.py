"""Mirrors rqbench/fidelity/open_pictures.py."""

import numpy as np
import pytest

from rqbench.errors import ConfigError, DataError
from rqbench.fidelity.open_pictures import open_pictures


def test_a_folder_and_an_npz_file_are_what_they_hold(write_greys, tmp_path):
    assert open_pictures(write_greys({"a.png": 1})).name == "folder:images"
    np.savez(tmp_path / "a.npz", np.zeros((3, 4, 4, 3), np.uint8))
    assert len(open_pictures(tmp_path / "a.npz")) == 3


def test_of_samples_the_sheet_is_no_picture(write_greys):
    root = write_greys({"images/cat/0.png": 1, "images/dog/1.png": 2, "sheet.png": 9})
    (root / "samples.json").write_text("{}")
    found = open_pictures(root)
    assert (found.name, found.names) == ("samples:images", ["cat/0.png", "dog/1.png"])
    assert found.labels == ["cat", "dog"]


def test_samples_in_one_file_are_found_too(write_greys):
    root = write_greys({"sheet.png": 9})
    (root / "samples.json").write_text("{}")
    with pytest.raises(DataError, match=r"not finished\. The same `rqbench sample` goes on"):
        open_pictures(root)
    np.savez(root / "samples.npz", np.zeros((3, 4, 4, 3), np.uint8), np.array([1, 0, 1]))
    found = open_pictures(root)
    assert (found.name, found.labels) == ("samples:images", ["1", "0", "1"])


def test_of_an_evaluation_the_reconstructions_are_meant(write_greys):
    root = write_greys({"sheet.png": 9, "report/plot.png": 8})
    (root / "evaluation.json").write_text("{}")
    with pytest.raises(DataError, match="Evaluate again with --reconstructions"):
        open_pictures(root)
    found = open_pictures(write_greys({"reconstructions/a/x.png": 1}))
    assert (found.name, found.names) == ("reconstructions:images", ["a/x.png"])


def test_of_a_run_that_is_not_finished_no_plot_is_taken_for_a_picture(write_greys):
    root = write_greys({"stages/plot.png": 9})
    (root / "experiment.yaml").write_text("{}")
    with pytest.raises(ConfigError, match="it is no finished run"):
        open_pictures(root)


def test_what_holds_no_set_is_refused(write_greys, tmp_path):
    root = write_greys({"a.png": 1})
    with pytest.raises(DataError, match="is one file, and scores are of sets"):
        open_pictures(root / "a.png")
    with pytest.raises(DataError, match="does not exist"):
        open_pictures(tmp_path / "nothing")
    with pytest.raises(ConfigError, match="no run of rqbench, and only a run has systems"):
        open_pictures(root, system="vq + raster")
