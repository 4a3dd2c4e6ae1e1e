"""Mirrors rqbench/rd/codec_sweep.py."""

import json
from io import StringIO

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from rqbench.data import to_float
from rqbench.data.images import read_image
from rqbench.errors import ConfigError, DamagedFileError, DataError, UnsupportedError
from rqbench.evaluate import Crop, evaluate, load_subject
from rqbench.metrics.distortion import psnr_db
from rqbench.progress import Progress
from rqbench.rd import find_curves
from rqbench.rd.codec_sweep import pictures_of, sweep, write_sweep
from rqbench.rd.codecs import CODECS, Codec
from rqbench.reporting import merge, read_run

JPEG = Codec("JPEG", "JPEG", "4:2:0", (20, 80), CODECS[0].options)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Two pictures of 256 pixels, one of which is wider."""
    folder = tmp_path_factory.mktemp("pictures")
    random = np.random.default_rng(0)
    for name, width in (("a", 256), ("b", 320)):
        coarse = random.integers(0, 255, (8, width // 32, 3)).astype(np.uint8)
        Image.fromarray(coarse).resize((width, 256)).save(folder / f"{name}.png")
    return folder


@pytest.fixture
def evaluated(imported, pictures, tmp_path):
    """Of a tiny tokenizer on the pictures as they are; its records are beside it."""
    subject = load_subject(imported / "tokenizer")
    out = tmp_path / "evaluation"
    evaluate(subject, pictures, out, Crop(kind="center", resolution=256))
    return out


@pytest.fixture
def progress():
    with Progress(Console(file=StringIO()), 1) as shown:
        shown.begin_stage("codecs")
        yield shown


def test_rate_and_distortion_are_those_of_the_files_read_back(evaluated, pictures, progress):
    swept = sweep(pictures_of(evaluated, pictures), progress, [JPEG])
    values = {(each.metric, each.settings["quality"]): each for each in swept.records}
    image = read_image(pictures / "a.png")
    for quality in JPEG.qualities:
        file = JPEG.encode(image.numpy(), quality)
        rate = values["rate_coded_bpp", quality]
        assert rate.raw[0] == 8 * len(file) / 256**2
        assert (rate.system, rate.clusters, rate.n) == ("JPEG", ["a.png", "b.png"], 2)
        restored = read_image(file, "file")
        assert values["psnr_db", quality].raw[0] == psnr_db(
            to_float(image[None]), to_float(restored[None])
        )


def test_codecs_and_tokenizers_are_measured_by_the_same_protocol(
    evaluated, pictures, progress, tmp_path
):
    write_sweep(sweep(pictures_of(evaluated, pictures), progress, [JPEG]), tmp_path / "codecs")
    run = merge({path: read_run(path) for path in (evaluated, tmp_path / "codecs")})
    tokenizer, codec = find_curves(run.records, "rate_nominal_bpp", "psnr_db")
    assert (codec.name, codec.is_codec) == ("JPEG", True)
    hashes = {each.distortion.protocol_hash for each in (*tokenizer.points, *codec.points)}
    assert len(hashes) == 1
    assert tokenizer.points[0].distortion.clusters == codec.points[0].distortion.clusters
    clauses = json.loads((tmp_path / "codecs" / "protocols.json").read_text())
    asked = clauses[codec.points[0].rate.protocol_hash]["clauses"]
    assert (asked["chroma"], asked["bytes"]) == ("4:2:0", "the whole file")


def test_a_sweep_takes_the_place_of_an_earlier_one(evaluated, pictures, progress, tmp_path):
    of = pictures_of(evaluated, pictures)
    write_sweep(sweep(of, progress, [JPEG]), tmp_path / "codecs")
    fewer = Codec("JPEG", "JPEG", "4:2:0", (50,), JPEG.options)
    write_sweep(sweep(of, progress, [fewer]), tmp_path / "codecs")
    records = read_run(tmp_path / "codecs").records
    assert {each.settings["quality"] for each in records} == {50}


def test_other_pictures_than_the_evaluated_ones_are_refused(evaluated, pictures, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    for path in pictures.iterdir():
        Image.open(path).rotate(180).save(other / path.name)
    for place in (other, tmp_path / "evaluation"):
        with pytest.raises(DataError, match="not those that were evaluated"):
            pictures_of(evaluated, place)


def test_what_is_no_evaluation_or_a_broken_one_is_refused(evaluated, pictures, tmp_path):
    with pytest.raises(ConfigError, match="is no evaluation"):
        pictures_of(tmp_path, pictures)
    (evaluated / "evaluation.json").write_text('{"data": "x"}')
    with pytest.raises(DamagedFileError, match="which pictures it measured"):
        pictures_of(evaluated, pictures)


def test_small_pictures_are_refused_by_name(imported, write_classes, progress, tmp_path):
    images = write_classes(tmp_path / "images")
    evaluate(load_subject(imported / "tokenizer"), images, tmp_path / "small", num=1)
    with pytest.raises(UnsupportedError, match=r"a/0\.png is measured at 16 x 16 pixels"):
        sweep(pictures_of(tmp_path / "small", images), progress, [JPEG])
