"""Mirrors rqbench_reports/foot.py."""

import pytest

from rqbench.api import RunData
from rqbench_reports.foot import Marks, footnotes, seeds_line


def test_columns_of_one_protocol_share_a_line(record):
    columns = [
        [record("a", "psnr_db", 20.0)],
        [record("a", "ssim", 0.5)],
        [record("a", "fid", 9.0, n=5)],
    ]
    lines = footnotes(columns, Marks(), RunData([], []))
    assert lines[0] == "PSNR, SSIM: n = 64, photos (in-scene), protocol photos-64 (3f9a1c07be21)."
    assert lines[1].startswith("FID: n = 5,")


def test_intervals_say_how_they_were_made(record):
    column = [record("a", "psnr_db", 20.0, ci95=(19.0, 21.0), ci_method="bootstrap")]
    lines = footnotes([column], Marks(), RunData([], []))
    assert "±, PSNR: the longer side of the 95% interval, bootstrap." in lines


def test_other_features_than_inceptions_are_named(record):
    lines = footnotes([[record("a", "rfd_net", 2.0)]], Marks(), RunData([], []))
    (line,) = [line for line in lines if line.startswith("rFD: features of net, not of Inception")]
    assert "not comparable with FID" in line
    assert "`rqbench doctor`" in line  # where to learn what is missing


@pytest.mark.parametrize(
    ("n", "n_reference", "is_flagged"),
    [
        (200, 5000, True),
        (5000, 200, True),
        (1281, 5000, True),
        (5000, 1281, True),
        (1282, 1282, False),
    ],
)
def test_fewer_images_than_features_are_flagged(record, n, n_reference, is_flagged):
    settings = {"n_reference": n_reference, "features": 1280}
    column = [record("a", "fd_net", 2.0, n=n, settings=settings)]
    lines = footnotes([column], Marks(), RunData([], []))
    said = (
        f"FD: {n} images against {n_reference} with 1,280 features leave the covariances singular"
    )
    assert any(line.startswith(said) for line in lines) == is_flagged


def test_crops_that_allow_no_corrected_distance_are_said(record):
    settings = {"n_reference": 3000, "features": 1280, "photographs": 40}
    column = [record("a", "fd_net", 2.0, n=3000, settings=settings)]
    (line,) = [line for line in footnotes([column], Marks(), RunData([], [])) if "crops" in line]
    assert line.startswith("FD: 3000 originals are crops of 40 photographs")


def test_scores_that_say_nothing_of_features_are_not_flagged(record):
    column = [record("a", "kid_net", 2.0, n=9, settings={"n_reference": 9})]
    assert not any("singular" in line for line in footnotes([column], Marks(), RunData([], [])))


def test_st_lpips_is_said_not_to_be_lpips(record):
    lines = footnotes([[record("a", "st_lpips", 0.2)]], Marks(), RunData([], []))
    assert any(line.startswith("ST-LPIPS: another network's distance") for line in lines)
    lines = footnotes([[record("a", "lpips", 0.2)]], Marks(), RunData([], []))
    assert not any("ST-LPIPS" in line for line in lines)


def test_one_training_is_said_to_be_one(record):
    assert seeds_line([record("a", "fid", 1.0)]).startswith("1 training seed (0)")
    both = [record("a", "fid", 1.0, seed=seed) for seed in (3, 1)]
    assert seeds_line(both).startswith("2 training seeds (1, 3)")


def test_times_name_their_machine(record):
    run = RunData([], [], environments={"cpu0": {"device_name": "Example CPU"}})
    lines = footnotes([[record("a", "training_s", 9.0)]], Marks(), run)
    assert lines[-1] == "Times and memory on Example CPU (cpu0)."


def test_each_foreign_protocol_has_its_own_sign(record):
    marks = Marks()
    column = [record(name, "fid", 1.0) for name in "ab"]
    column += [record("c", "fid", 1.0, protocol_hash=other) for other in ("x", "y", "x")]
    assert marks.of_column(column) == ["", "", "†", "‡", "†"]
    assert len(marks.lines()) == 2


@pytest.mark.parametrize("ci95", [None, (9.0, 11.0)])
def test_repeats_have_a_range_and_no_interval(record, ci95):
    column = [record("a", "prior_ms_per_image", 10.0, raw=[9.0, 10.0, 11.0], ci95=ci95)]
    lines = footnotes([column], Marks(), RunData([], []))
    assert "prior: beside each value stands the range of 3 repeats." in lines
    assert not any("95%" in line for line in lines)


def test_several_trainings_say_how_far_apart_they_came_out(record):
    pooled = [
        record(name, "codebook_usage", 0.5, seed_values={0: 0.5 - half, 1: 0.5 + half})
        for name, half in (("a", 0.1), ("b", 0.2))
    ]
    line = seeds_line(pooled)
    assert line.startswith("2 training seeds (0, 1): ")
    assert line.endswith("the largest of each column: used 28 %.")  # 0.4 over the root of 2
    same = record("a", "macs", 1.0, seed_values={0: 1.0, 1: 1.0})
    assert seeds_line([same]).endswith("none.")


def test_an_interval_of_no_width_is_not_explained(record):
    column = [record("a", "macs", 2.0, ci95=(2.0, 2.0), ci_method="bootstrap")]
    assert not any("95%" in line for line in footnotes([column], Marks(), RunData([], [])))


def test_a_column_whose_first_value_has_no_spread_still_explains_the_others(record):
    column = [
        record("a", "codes_per_image", 16.0, ci95=(16.0, 16.0), ci_method="bootstrap"),
        record("b", "codes_per_image", 43.0, ci95=(40.0, 46.0), ci_method="bootstrap"),
    ]
    lines = footnotes([column], Marks(), RunData([], []))
    assert "±, codes: the longer side of the 95% interval, bootstrap." in lines
