"""Mirrors rqbench/fidelity/run_pictures.py."""

import json

import numpy as np
import pytest

from rqbench.data import open_data
from rqbench.errors import ConfigError, DataError
from rqbench.fidelity.open_pictures import open_pictures
from rqbench.fidelity.run_pictures import held_out_pictures, sampled_pictures
from rqbench.stages.draw_samples import read_samples


def pixels_of(pictures, index):
    return pictures.decode(index, pictures.encoded(index)).pixels.transpose(2, 0, 1)


def test_the_held_out_crops_are_those_of_the_run(finished, two_systems):
    found = held_out_pictures(finished.run)
    expected = open_data(two_systems.data).held_out()
    assert (found.name, len(found)) == ("run:held-out", 9)
    assert all(np.array_equal(pixels_of(found, n), expected.images[n]) for n in range(9))
    assert len(set(found.names)) == 9
    assert found.clusters == expected.clusters
    assert [name.rpartition(" ")[0] for name in found.names] == list(expected.clusters)


def test_samples_are_those_that_the_run_scored(finished):
    found = sampled_pictures(finished.run, "rq-4x4x4 + depth-stacked")
    [folder] = (finished.run / "stages").glob("samples-rq-4x4x4*")
    expected = read_samples(folder)
    assert (found.name, len(found)) == ("run:rq-4x4x4 + depth-stacked", len(expected))
    assert all(np.array_equal(pixels_of(found, n), image) for n, image in enumerate(expected))


def test_a_run_is_opened_by_its_folder_and_a_system(finished):
    assert open_pictures(finished.run).name == "run:held-out"
    assert open_pictures(finished.run, "vq-4x4 + raster").name == "run:vq-4x4 + raster"
    with pytest.raises(ConfigError, match=r"no complete system 'vq'\. .*'vq-4x4 \+ raster'"):
        open_pictures(finished.run, "vq")


def change(run, **values):
    index = json.loads((run / "index.json").read_text())
    for entry in index["models"].values():
        entry.update(values)
    (run / "index.json").write_text(json.dumps(index))


def test_an_index_of_an_older_version_says_how_samples_are_found_again(run_copy):
    change(run_copy, samples=None)
    with pytest.raises(ConfigError, match=r"does not say where the samples .* lie\. Run `rqbench"):
        sampled_pictures(run_copy, "vq-4x4 + raster")


def test_data_that_has_changed_since_is_refused(run_copy):
    change(run_copy, data_digest="another")
    with pytest.raises(DataError, match=r"photos is not what .* was trained on"):
        held_out_pictures(run_copy)


def test_a_run_without_systems_names_its_data_in_the_experiment(run_copy):
    index = json.loads((run_copy / "index.json").read_text())
    (run_copy / "index.json").write_text(json.dumps(index | {"models": {}}))
    assert len(held_out_pictures(run_copy)) == 9
