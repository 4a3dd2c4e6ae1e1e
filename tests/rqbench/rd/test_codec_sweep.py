"""Mirrors rqbench/rd/codec_sweep.py."""

import json
from io import StringIO

import pytest
from rich.console import Console

from rqbench.data import to_float
from rqbench.data.images import read_image
from rqbench.errors import UnsupportedError
from rqbench.evaluate import evaluate, load_subject
from rqbench.merging import merge
from rqbench.metrics.distortion import psnr_db
from rqbench.progress import Progress
from rqbench.rd import find_curves
from rqbench.rd.codec_pictures import measured_pictures
from rqbench.rd.codec_sweep import sweep, write_sweep
from rqbench.rd.codecs import CODECS, Codec
from rqbench.reporting import read_run

JPEG = Codec("JPEG", "JPEG", "4:2:0", (20, 80), CODECS[0].options)


@pytest.fixture
def progress():
    with Progress(Console(file=StringIO()), 1) as shown:
        shown.begin_stage("codecs")
        yield shown


def test_rate_and_distortion_are_those_of_the_files_read_back(evaluated, pictures, progress):
    swept = sweep(measured_pictures(evaluated, pictures), "psnr_db", progress, [JPEG])
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
    write_sweep(
        sweep(measured_pictures(evaluated, pictures), "psnr_db", progress, [JPEG]),
        tmp_path / "codecs",
    )
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
    of = measured_pictures(evaluated, pictures)
    write_sweep(sweep(of, "psnr_db", progress, [JPEG]), tmp_path / "codecs")
    fewer = Codec("JPEG", "JPEG", "4:2:0", (50,), JPEG.options)
    write_sweep(sweep(of, "psnr_db", progress, [fewer]), tmp_path / "codecs")
    records = read_run(tmp_path / "codecs").records
    assert {each.settings["quality"] for each in records} == {50}


def test_small_pictures_are_refused_by_name(imported, write_classes, progress, tmp_path):
    images = write_classes(tmp_path / "images")
    evaluate(load_subject(imported / "tokenizer"), images, tmp_path / "small", num=1)
    with pytest.raises(UnsupportedError, match=r"a/0\.png is measured at 16 x 16 pixels"):
        sweep(measured_pictures(tmp_path / "small", images), "psnr_db", progress, [JPEG])
