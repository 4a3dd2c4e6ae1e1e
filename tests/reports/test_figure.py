"""Mirrors rqbench_reports/figure.py."""

import matplotlib
import pytest

from rqbench_reports.figure import error_bars, looks, panels, paper_style, save


def test_names_past_the_palette_still_look_different():
    found = list(looks([f"t{place}" for place in range(20)]).values())
    assert len(set(found)) == 20


def test_drawing_leaves_matplotlibs_settings_alone():
    before = dict(matplotlib.rcParams)
    with paper_style():
        assert matplotlib.rcParams["font.size"] == 8
    assert dict(matplotlib.rcParams) == before


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    written = []
    for name in ("one", "two"):
        with paper_style():
            figure, (axis,) = panels(1, 1, 2.0, 1.5)
            axis.plot([1, 2], [3, 4])
            written.append([path.read_bytes() for path in save(figure, tmp_path / name, "f")])
    assert written[0] == written[1]


def test_bars_are_lengths_below_and_above(record):
    assert error_bars(record("a", "fid", 5.0, ci95=(3.0, 6.0))) == [[2.0], [1.0]]
    assert error_bars(record("a", "fid", 2.0, ci95=(-3.0, 6.0))) == [[2.0], [4.0]]
    assert error_bars(record("a", "precision", 0.9, ci95=(0.5, 1.5))) == [
        [pytest.approx(0.4)], [pytest.approx(0.1)],
    ]  # fmt: skip
    assert error_bars(record("a", "fid", 5.0)) is None
    assert error_bars(record("a", "fid", 5.0, ci95=(float("-inf"), float("inf")))) is None


@pytest.mark.parametrize(
    "name",
    [
        "rate-distortion",
        "quality-speed",
        "training-tokenizers",
        "training-priors",
        "codebook-usage",
    ],
)
def test_every_plot_is_there_as_png_and_pdf(drawn, name):
    assert (drawn / "figures" / f"{name}.png").stat().st_size > 5000
    assert (drawn / "figures" / f"{name}.pdf").read_bytes().startswith(b"%PDF")
