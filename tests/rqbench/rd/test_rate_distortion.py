"""Mirrors rqbench/rd/rate_distortion.py."""

import json

import pytest

from rqbench.errors import ConfigError
from rqbench.rd import rate_distortion
from rqbench.rd.rate_distortion import as_data, check_out, write
from rqbench.report import RunData


def records_of(record, name, points):
    return [
        record(name, metric, value, settings={"depth": depth})
        for depth, (bpp, db) in enumerate(points)
        for metric, value in (("rate_nominal_bpp", bpp), ("psnr_db", db))
    ]


@pytest.fixture
def run(record):
    """A lone point, a line through 20 dB at 1 bpp and 30 at 2, and the same at half the rate."""
    records = records_of(record, "lone", [(1.0, 25.0)])
    records += records_of(record, "a", [(1.0, 20.0), (2.0, 30.0)])
    records += records_of(record, "b", [(0.5, 20.0), (1.0, 30.0)])
    return RunData(records, ["lone", "a", "b"])


def test_curves_are_compared_with_the_first_that_is_long_enough(run):
    found = rate_distortion(run)
    assert (found.against, found.rate, found.distortion) == ("a", "rate_nominal_bpp", "psnr_db")
    values = {each.name: each.rate.bd.value for each in found.comparisons}
    assert values == {"lone": None, "b": pytest.approx(-50)}


def test_curves_are_compared_with_the_one_that_is_named(run):
    found = rate_distortion(run, against="b")
    values = {each.name: each.rate.bd.value for each in found.comparisons}
    assert values == {"lone": None, "a": pytest.approx(100)}


def test_joined_curves_can_be_compared(run):
    found = rate_distortion(run, join=[("both", ["lone", "a"])], against="b")
    assert [curve.name for curve in found.curves] == ["both", "b"]
    assert found.comparisons[0].rate.bd.why == "one rate stands twice"


def test_all_are_read_at_an_equal_budget_beside_their_differences(run):
    found = rate_distortion(run, match="bits", budget=1.0)
    assert [each.value for each in found.matched.readings] == [25, 20, 30]
    assert (found.matched.against, len(found.comparisons)) == ("a", 2)


def test_a_lone_point_is_the_reference_where_it_was_named(run):
    matched = rate_distortion(run, match="bits", against="lone").matched
    assert [each.difference for each in matched.readings] == [None, -5, 5]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"distortion": "psnr"}, "Did you mean 'psnr_db'"),
        ({"distortion": "fd_effnetlite0"}, "judges samples"),
        ({"distortion": "ssim"}, "Measured were: psnr_db, rate_nominal_bpp"),
        ({"rate": "prior"}, "Nothing has both rate_prior_bpp and psnr_db"),
        ({"against": "c"}, "No curve is called 'c'"),
        ({"match": "codes"}, "--match codes reads codes_per_image"),
        ({"match": "bits", "budget": float("nan")}, "A budget of nan"),
    ],
)
def test_what_is_not_there_is_refused(run, asked, said):
    with pytest.raises(ConfigError, match=said):
        rate_distortion(run, **asked)


def test_everything_found_is_plain_data(run):
    data = as_data(rate_distortion(run))
    assert json.loads(json.dumps(data)) == data
    assert [point["rate"] for point in data["curves"][1]["points"]] == [1.0, 2.0]
    assert data["bd"][1]["rate"]["bd"]["overlap"] == [20.0, 30.0]


def test_numbers_and_a_plot_are_written_where_nothing_else_is(run, tmp_path):
    out = tmp_path / "out"
    for _ in range(2):  # the second takes the place of the first
        check_out(out)
        written = write(rate_distortion(run), run, out)
    assert {path.suffix for path in written} == {".json", ".png", ".pdf"}
    assert all(path.is_file() for path in written)
    assert json.loads((out / "rd.json").read_text())["against"] == "a"
    with pytest.raises(ConfigError, match="holds no curves"):
        check_out(tmp_path)
