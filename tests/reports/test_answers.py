"""Mirrors rqbench_reports/answers.py."""

import pytest

from rqbench.api import RunData
from rqbench_reports.answers import answer, answers

LINE = {
    "title": "Does it beat the line?",
    "metric": "psnr_db",
    "system": "dq",
    "against": ("vq-8", "vq-16"),
    "at": "rate_nominal_bpp",
    "equal": ("nominal_bits", "macs"),
}
DUEL = {"title": "?", "metric": "psnr_db", "system": "a", "against": "b"}


@pytest.fixture
def costs(record):
    """What every tokenizer or system has to have recorded before it may be compared."""

    def build(name, **changes):
        numbers = {
            "rate_nominal_bpp": 0.5, "codes_per_image": 64, "parameters": 1e6, "macs": 1e8,
            "training_images": 3200, "training_steps": 200,
        }  # fmt: skip
        return [record(name, metric, value) for metric, value in (numbers | changes).items()]

    return build


@pytest.fixture
def on_a_line(record, costs):
    """DQ between two fixed grids of 0.2 and 0.6 bpp."""

    def build(own_rate, own_raw, **changes):
        raws = (("vq-8", [20.0, 22.0, 24.0]), ("vq-16", [24.0, 26.0, 28.0]), ("dq", own_raw))
        records = [
            record(name, "psnr_db", sum(raw) / 3, raw=raw, higher_is_better=True)
            for name, raw in raws
        ]
        for name, rate in (("vq-8", 0.2), ("vq-16", 0.6)):
            records += costs(name, rate_nominal_bpp=rate)
        return RunData(records + costs("dq", rate_nominal_bpp=own_rate, **changes), [])

    return build


@pytest.fixture
def duel(record, costs):
    """Two tokenizers, the first 1 dB better on every one of eight images, give or take a little."""

    def build(metric="psnr_db", **changes):
        ours = [21.0 + image + 0.01 * (image % 3) for image in range(8)]
        theirs = [20.0 + image for image in range(8)]
        facts = {"higher_is_better": True}
        records = [
            record("a", metric, sum(ours) / 8, raw=ours, **facts),
            record("b", metric, sum(theirs) / 8, raw=theirs, **facts),
        ]
        return RunData([*records, *costs("a", **changes), *costs("b")], [], headlines=[DUEL])

    return build


def test_the_control_is_the_line_at_the_systems_own_rate(on_a_line):
    # at 0.3 bpp the line is a quarter of the way: 21, 23, 25
    run = on_a_line(0.3, [21.5, 23.51, 25.5])
    given = answer(LINE, run)
    assert given.control.raw == pytest.approx([21.0, 23.0, 25.0])
    assert given.comparison.amount == pytest.approx(0.5033, abs=1e-4)
    assert given.control.system == "line from vq-8 to vq-16 at 0.300 bpp"
    (decided,) = answers(RunData(run.records, [], headlines=[LINE]))
    assert decided.verdict == "better"


def test_a_line_may_be_read_at_equal_codes(record, on_a_line):
    question = LINE | {"at": "codes_per_image", "equal": ("mean_codes", "macs")}
    run = on_a_line(0.45, [21.5, 23.5, 25.5], codes_per_image=96)
    codes = {"vq-8": 64, "vq-16": 192}
    records = [each for each in run.records if each.metric != "codes_per_image"]
    records += [record(name, "codes_per_image", n) for name, n in (codes | {"dq": 96}).items()]
    given = answer(question, RunData(records, []))
    assert given.control.raw == pytest.approx([21.0, 23.0, 25.0])  # 96 is a quarter of the way
    assert given.control.system == "line from vq-8 to vq-16 at 96.0 codes/image"
    assert given.is_fair
    assert [balance.quantity for balance in given.fairness.unequal] == ["nominal_bits"]


def test_a_system_on_the_line_is_undecided(on_a_line):
    run = on_a_line(0.3, [22.0, 22.0, 25.0])
    (given,) = answers(RunData(run.records, [], headlines=[LINE]))
    assert given.comparison.amount == pytest.approx(0.0)
    assert given.is_fair
    assert given.verdict == "undecided"


@pytest.mark.parametrize("rate", [0.1, 0.7])
def test_beyond_the_line_there_is_no_control(on_a_line, rate):
    given = answer(LINE, on_a_line(rate, [90.0, 90.0, 90.0]))
    assert given.comparison is None
    assert given.verdict == "undecided"
    assert "no control at equal rate" in given.why


def test_a_line_whose_end_costs_more_is_no_control(on_a_line):
    given = answer(LINE, on_a_line(0.3, [90.0, 90.0, 90.0], macs=1.1e8, parameters=2e6))
    assert given.verdict == "undecided"
    assert given.fairness.faults[0] == "multiply-adds 1.1e+08 against 1e+08"


def test_a_fair_and_clear_difference_is_a_verdict(duel):
    (given,) = answers(duel())
    assert given.verdict == "better"
    assert given.fairness.changed == ("tokenizer",)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rate_nominal_bpp": 0.6}, ["unequal rates: nominal bits 0.6 against 0.5"]),
        (
            {"training_images": 6400},
            [
                "tokenizer and training of the tokenizer both differ",
                "training images 6,400 against 3,200",
            ],
        ),
        (
            {"parameters": 2e6, "macs": 5e7},
            ["neither is equal: parameters 2.00, multiply-adds 0.50"],
        ),
    ],
)
def test_the_same_difference_at_other_cost_is_undecided_and_says_why(duel, changes, said):
    (given,) = answers(duel(**changes))
    assert given.comparison.amount == pytest.approx(1.01, abs=0.01)
    assert given.verdict == "undecided"
    assert list(given.fairness.faults) == said


def test_a_comparison_without_fair_control_is_no_part_of_the_family(duel):
    run = duel(training_images=6400)
    twins = [DUEL, {**DUEL, "metric": "psnr_db", "system": "b", "against": "a"}]
    both = answers(RunData(run.records, [], headlines=twins))
    assert [given.comparison.adjusted_p for given in both] == [None, None]
    fair = answers(RunData(duel().records, [], headlines=[DUEL, twins[1]]))
    assert fair[0].comparison.adjusted_p == pytest.approx(2 * fair[0].comparison.p)


def test_two_complete_systems_that_differ_in_both_parts_answer_nothing(record, costs):
    question = {**DUEL, "metric": "fid", "system": "a + raster", "against": "b + other"}
    records = [record("a + raster", "fid", 10.0), record("b + other", "fid", 20.0)]
    for name in ("a", "b", "a + raster", "b + other"):
        records += costs(name)
    given = answer(question, RunData(records, []))
    assert given.fairness.faults == ("tokenizer and prior both differ",)
    assert given.fairness.changed == ("tokenizer", "prior")


def test_of_distortion_the_prior_has_no_part(record, costs):
    question = {**DUEL, "system": "a + raster", "against": "b + other"}
    records = [record("a", "psnr_db", 21.0), record("b", "psnr_db", 20.0)]
    records += [record("a + raster", "fid", 3.0), record("b + other", "fid", 3.0)]
    given = answer(question, RunData([*records, *costs("a"), *costs("b")], []))
    assert given.comparison.amount == 1.0
    assert given.is_fair
    assert given.fairness.changed == ("tokenizer",)


def test_what_was_not_measured_is_undecided_and_said(record):
    given = answer(DUEL, RunData([record("a", "psnr_db", 20.0)], []))
    assert given.verdict == "undecided"
    assert given.why == "b: not measured"


def test_a_run_that_said_what_is_equal_in_words_is_judged_all_the_same(duel):
    run = duel()
    given = answer(DUEL | {"equal": "nominal bits and training"}, run)
    assert given.is_fair
    assert given.fairness.held == ()
