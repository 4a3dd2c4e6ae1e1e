"""Mirrors rqbench/rd/codec_pictures.py."""

import shutil

import numpy as np
import pytest
from PIL import Image

from rqbench.errors import ConfigError, DamagedFileError, DataError
from rqbench.metrics.perceptual import find_perceptual
from rqbench.rd.codec_pictures import measured_pictures
from rqbench.record import read_records


def test_those_of_an_evaluation_are_cut_as_it_cut_them(evaluated, pictures):
    found = measured_pictures(evaluated, pictures)
    one, other = found.read()
    assert (one.name, other.name) == ("a.png", "b.png")
    original = np.asarray(Image.open(pictures / "b.png")).transpose(2, 0, 1)
    assert (other.pixels == original[:, :, 32:-32]).all()
    assert found.cluster_of["b.png"] == "b.png"


def test_those_of_a_run_are_its_held_out_crops_with_their_photographs(finished):
    found = measured_pictures(finished.run, None)
    crops = list(found.read())
    records = read_records(finished.run / "records.jsonl")
    psnr = next(each for each in records if each.metric == "psnr_db")
    assert [found.cluster_of[crop.name] for crop in crops] == psnr.clusters
    assert found.count == psnr.n
    protocol = found.protocol_of("psnr_db", find_perceptual())
    assert (protocol.id, protocol.hash) == (psnr.protocol, psnr.protocol_hash)


def test_the_pictures_of_a_run_are_not_named_and_those_of_an_evaluation_are(
    finished, evaluated, pictures
):
    with pytest.raises(ConfigError, match="is no evaluation"):
        measured_pictures(finished.run, pictures)
    with pytest.raises(ConfigError, match="Name them with --images"):
        measured_pictures(evaluated, None)


def test_other_pictures_than_the_evaluated_ones_are_refused(evaluated, pictures, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    for path in pictures.iterdir():
        Image.open(path).rotate(180).save(other / path.name)
    for place in (other, evaluated):
        with pytest.raises(DataError, match="not those that were evaluated"):
            measured_pictures(evaluated, place)


def test_what_is_no_evaluation_or_a_broken_one_is_refused(evaluated, pictures, tmp_path):
    with pytest.raises(ConfigError, match="is no evaluation"):
        measured_pictures(tmp_path, pictures)
    broken = shutil.copytree(evaluated, tmp_path / "broken")
    (broken / "evaluation.json").write_text('{"data": "x"}')
    with pytest.raises(DamagedFileError, match="which pictures it measured"):
        measured_pictures(broken, pictures)
