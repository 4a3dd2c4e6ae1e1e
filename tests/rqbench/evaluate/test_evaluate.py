"""Mirrors rqbench/evaluate/evaluate.py."""

import json
import math
from dataclasses import replace

import pytest

from rqbench.data.images import BadImageError
from rqbench.errors import ConfigError, DataError
from rqbench.evaluate import Crop, evaluate, load_subject
from rqbench.record import read_records
from rqbench.reporting import draw_report


def by_metric(found):
    return {record.metric: record for record in found.records if not record.settings}


def test_numbers_are_those_worked_out_by_hand_whatever_the_batch(shades, flat_pictures, tmp_path):
    """Greys of 0.3, 0.4 and 0.6 come back as 0.2, 0.6 and 0.6."""
    root = flat_pictures({"a.png": 77, "b.png": 102, "sub/c.png": 153})
    for batch in (1, 2, 3):
        found = evaluate(shades, root, tmp_path / "out", batch=batch)
        records = by_metric(found)
        psnr = [-20 * math.log10(77 / 255 - 0.2), -20 * math.log10(0.2)]
        assert records["psnr_db"].raw[:2] == pytest.approx(psnr, abs=1e-4)
        assert records["psnr_db"].clusters == ["a.png", "b.png", "sub/c.png"]
        assert records["rate_nominal_bpp"].value == 4 / 256
        assert records["codebook_usage"].value == 1
        third = 1 / 3
        entropy = -(third * math.log(third) + 2 * third * math.log(2 * third))
        assert records["codebook_perplexity"].value == pytest.approx(math.exp(entropy))


def test_the_folder_holds_what_was_found_and_how(shades, flat_pictures, tmp_path):
    root = flat_pictures({"a.png": 77, "b.png": 102})
    found = evaluate(shades, root, tmp_path / "out", reconstructions=True)
    records = read_records(tmp_path / "out" / "records.jsonl")
    assert records == found.records
    protocols = json.loads((tmp_path / "out" / "protocols.json").read_text())
    assert {record.protocol_hash for record in records} == protocols.keys()
    clauses = protocols[by_metric(found)["psnr_db"].protocol_hash]["clauses"]
    assert clauses["images"] == 2
    assert clauses["crop"] == "centre square, the shorter side resized to 16 px"
    assert (clauses["filter"], clauses["antialias"]) == ("bilinear", "yes")
    facts = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert facts["data_sha256"].startswith(clauses["data"])
    assert facts["weights_sha256"] == {"tokenizer": "none"}
    (environment,) = (tmp_path / "out" / "environments").iterdir()
    assert environment.stem == records[0].environment
    written = [path for path in (tmp_path / "out").rglob("*") if path.suffix in (".json", ".csv")]
    assert all(str(tmp_path) not in path.read_text() for path in written)
    assert len(list((tmp_path / "out" / "reconstructions").iterdir())) == 2


def test_a_new_evaluation_replaces_an_earlier_one_and_a_failed_one_does_not(
    shades, flat_pictures, tmp_path
):
    root = flat_pictures({"a.png": 77})
    evaluate(shades, root, tmp_path / "out", reconstructions=True)
    before = (tmp_path / "out" / "manifest.json").read_bytes()
    (root / "b.png").write_bytes(b"")
    with pytest.raises(BadImageError, match=r"b\.png cannot be used: the file is empty"):
        evaluate(shades, root, tmp_path / "out", reconstructions=True)
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before
    found = evaluate(shades, root, tmp_path / "out", skip_bad=True, reconstructions=True)
    assert (found.num_images, found.skipped) == (1, ["b.png: the file is empty"])
    assert (tmp_path / "out" / "manifest.json").read_bytes() != before
    assert {path.name for path in tmp_path.iterdir()} == {"images", "out"}


def test_whole_pictures_of_several_sizes_are_measured_each_as_it_is(
    shades, flat_pictures, tmp_path
):
    flat_pictures({"a.png": 77, "b.png": 77})
    root = flat_pictures({"c.png": 77}, size=(8, 24))
    found = evaluate(shades, root, tmp_path / "out", Crop(kind="whole"))
    assert by_metric(found)["codes_per_image"].raw == [4, 4, 3]
    assert by_metric(found)["ssim"].clusters == ["a.png", "b.png"]  # the third is too narrow
    flat_pictures({"d.png": 77}, size=(8, 20))
    with pytest.raises(BadImageError, match=r"d\.png cannot be used: 20 does not divide by 8\. "):
        evaluate(shades, root, tmp_path / "out", Crop(kind="whole"))


@pytest.mark.parametrize(
    ("crop", "resolution", "said"),
    [
        (Crop(), None, "does not say for which images it was made"),
        (Crop(kind="whole", resolution=16), 16, "leave out --resolution"),
        (Crop(resolution=20), 16, "20 does not divide by 8"),
    ],
)
def test_a_size_that_cannot_be_is_refused_before_any_work(
    shades, flat_pictures, tmp_path, crop, resolution, said
):
    root = flat_pictures({"a.png": 77})
    with pytest.raises(ConfigError, match=said):
        evaluate(replace(shades, resolution=resolution), root, tmp_path / "new" / "out", crop)
    assert not (tmp_path / "new").exists()


def test_files_none_of_which_can_be_used_leave_nothing(shades, tmp_path):
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"None of the 1 images can be used\. The first: "):
        evaluate(shades, tmp_path / "images", tmp_path / "new" / "out", skip_bad=True)
    assert not (tmp_path / "new").exists()


def test_a_prior_gives_its_rate_where_classes_are_known(imported, flat_pictures, tmp_path):
    subject = load_subject(imported)
    root = flat_pictures({"2/a.png": 10, "0/b.png": 200})
    found = evaluate(subject, root, tmp_path / "out")
    rate = by_metric(found)["rate_prior_bpp"]
    assert rate.system == "zoo + raster"
    assert found.notes == ["classes by sub-folder"]
    bits = by_metric(found)["nll_bits_per_image"].raw
    assert rate.raw == pytest.approx([value / 256 for value in bits])
    swapped = tmp_path / "swapped"
    (root / "2").rename(tmp_path / "a")
    (root / "0").rename(root / "2")
    (tmp_path / "a").rename(root / "0")
    others = by_metric(evaluate(subject, root, swapped))["nll_bits_per_image"].raw
    assert sorted(others) != pytest.approx(sorted(bits), abs=1e-9)  # other classes, other bits


def test_without_classes_or_on_other_codes_the_rate_is_left_out_with_a_note(
    imported, flat_pictures, tmp_path
):
    subject = load_subject(imported)
    root = flat_pictures({"a.png": 10}, size=(32, 32))
    without = evaluate(subject, root, tmp_path / "out")
    assert "rate_prior_bpp" not in by_metric(without)
    assert without.notes == [
        "no prior rate: a.png lies in no sub-folder that is called as one of the prior's classes"
    ]
    larger = evaluate(subject, root, tmp_path / "larger", Crop(resolution=32))
    assert larger.notes[0].startswith("no prior rate: the prior models codes of 4x4x1")
    whole = evaluate(subject, root, tmp_path / "whole", Crop(kind="whole"))
    assert whole.notes[0].startswith("no prior rate: the prior models codes of 4x4x1")


def test_reports_are_drawn_of_several_evaluations(imported, flat_pictures, tmp_path):
    root = flat_pictures({"0/a.png": 10, "1/b.png": 200, "2/c.png": 90})
    outs = [tmp_path / "zoo", tmp_path / "alone"]
    for out, part in zip(outs, (imported, imported / "tokenizer"), strict=True):
        evaluate(load_subject(part), root, out)
    drawn = draw_report(outs, tmp_path / "report")
    assert not drawn.failed
    table = (tmp_path / "report" / "tables" / "tokenizers.md").read_text()
    assert "zoo" in table and "tokenizer" in table
