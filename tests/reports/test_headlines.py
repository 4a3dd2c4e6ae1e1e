"""Mirrors rqbench_reports/headlines.py."""

from dataclasses import replace

import pandas as pd

from rqbench.api import RunData
from rqbench_reports.headlines import Headlines


def test_the_page_says_what_is_held_equal_and_how_it_was_decided(drawn):
    text = (drawn / "tables" / "headlines.md").read_text()
    held = "nominal bits 1.00, multiply-adds 1.00, training images 1.00, codebook size"
    assert f"(held equal: {held})" in text
    # the line has 127.9 codes where it has 0.312 bpp, and the system 124
    assert "the grain map counts; not held: mean codes 0.97)" in text
    assert "paired, n = 64 in 8 clusters" in text
    assert "could have seen 0.14 dB)" in text
    assert "1 training seed (0)" in text


def test_the_csv_has_a_line_a_question(example_run, drawn):
    frame = pd.read_csv(drawn / "tables" / "headlines.csv")
    verdicts = ["worse", "better", "better", "undecided", "undecided"]
    assert frame["verdict"].tolist() == verdicts
    assert frame["adjusted_p"].notna().tolist() == [True, True, True, True, False]
    assert frame["is_ratio"].tolist()[:3] == [False, False, True]


def test_an_unfair_control_is_told_beside_the_verdict(example_run, tmp_path):
    unequal = {"metric": "psnr_db", "system": "rq-8x8x4", "against": "vq-8x8"}
    headline = {"title": "Against a quarter of the bits?", **unequal, "equal": ["macs"]}
    run = replace(example_run, headlines=[headline])
    Headlines().draw(run, tmp_path)
    text = (tmp_path / "tables" / "headlines.md").read_text()
    assert "undecided (unequal rates: nominal bits 0.625 against 0.156)" in text
    frame = pd.read_csv(tmp_path / "tables" / "headlines.csv")
    assert frame["unfair"].tolist()[0].startswith("unequal rates")


def test_a_difference_that_only_the_family_makes_chance_is_told(record, tmp_path):
    records, headlines = [], []
    for metric in ("psnr_db", "ssim", "ms_ssim", "lpips", "st_lpips"):
        for name, shift in (("x", 0.0), ("y", 1.0)):
            raw = [shift * weight for weight in (1.0, 1.0, 1.0, 0.2)]
            records.append(record(name, metric, sum(raw) / 4, raw=raw, higher_is_better=True))
        headlines.append({"title": "?", "metric": metric, "system": "y", "against": "x"})
    for name in ("x", "y"):
        for metric in ("rate_nominal_bpp", "macs", "training_images"):
            records.append(record(name, metric, 1.0))
    run = RunData(records, [], headlines=headlines)
    Headlines().draw(run, tmp_path)
    assert "after Holm)" in (tmp_path / "tables" / "headlines.md").read_text()


def test_where_one_photograph_leaves_the_interval_open_the_seeds_still_tell_their_sd(
    record, tmp_path
):
    records = [
        record(
            name, "psnr_db", 25.0 + gain, raw=[25.0 + gain] * 2, clusters=["only", "only"],
            seed_values={0: 24.5, 1: 25.5 + 2 * gain}, higher_is_better=True,
        )
        for name, gain in (("x", 0.0), ("y", 0.5))
    ]  # fmt: skip
    headline = {"title": "?", "metric": "psnr_db", "system": "y", "against": "x"}
    Headlines().draw(RunData(records, [], headlines=[headline]), tmp_path)
    text = (tmp_path / "tables" / "headlines.md").read_text()
    assert "(paired, n = 2 in 1 clusters, 2 seeds with sd 0.71)" in text


def test_no_questions_no_files(record, tmp_path):
    assert Headlines().draw(RunData([record("a", "fid", 1.0)], []), tmp_path).files == []
