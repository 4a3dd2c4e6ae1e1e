"""Mirrors rqbench_reports/rate_distortion.py."""

from rqbench.api import RunData, find_curves
from rqbench_reports import rate_distortion
from rqbench_reports.rate_distortion import RateDistortion


def drawn_axes(run, folder, monkeypatch):
    """The panels of the report's figure, which is then not written."""
    kept = []

    def panels(*size):
        kept.append(original(*size))
        return kept[-1]

    with monkeypatch.context() as patched:
        original = rate_distortion.panels
        patched.setattr(rate_distortion, "panels", panels)
        patched.setattr(rate_distortion, "save", lambda *_: [])
        RateDistortion().draw(run, folder)
    return kept[0][1]


def point(record, name, rate, bpp, db, **settings):
    codec = {"protocol": "codec-files"} if rate == "rate_coded_bpp" else {}
    return [
        record(name, rate, bpp, settings=settings, **codec),
        record(name, "psnr_db", db, settings=settings, higher_is_better=True),
    ]


def test_the_figure_is_written_for_the_screen_and_for_paper(record, tmp_path):
    records = point(record, "vq", "rate_nominal_bpp", 0.25, 24.0)
    records += point(record, "JPEG", "rate_coded_bpp", 0.3, 26.0, quality=10)
    files = RateDistortion().draw(RunData(records, ["vq"]), tmp_path).files
    assert {path.suffix for path in files} == {".png", ".pdf"}
    assert all(path.is_file() for path in files)


def test_a_curve_joins_rate_and_distortion_of_the_same_settings(example_run):
    curves = find_curves(example_run.records, "rate_nominal_bpp", "psnr_db")
    (rq,) = [curve for curve in curves if curve.name == "rq-8x8x4"]
    assert [dict(each.settings) for each in rq.points][:2] == [{"depth": 1}, {"depth": 2}]
    assert [round(each.rate.value, 3) for each in rq.points[:2]] == [0.156, 0.312]
    values = [each.distortion.value for each in rq.points]
    assert values == sorted(values)


def test_the_prior_rate_has_a_panel_where_it_alone_was_asked_for(
    example_run, record, tmp_path, monkeypatch
):
    labels = [axis.get_xlabel() for axis in drawn_axes(example_run, tmp_path, monkeypatch)]
    assert {label for label in labels if label} == {
        rate_distortion.RATES["rate_nominal_bpp"], rate_distortion.RATES["rate_empirical_bpp"]
    }  # fmt: skip
    alone = RunData(point(record, "a", "rate_prior_bpp", 0.5, 20.0), ["a"])
    (axis,) = drawn_axes(alone, tmp_path, monkeypatch)
    assert axis.get_xlabel() == rate_distortion.RATES["rate_prior_bpp"]


def test_codecs_stand_in_grey_beside_tokenizers_on_every_rate(record, tmp_path, monkeypatch):
    records = point(record, "vq", "rate_nominal_bpp", 0.25, 24.0)
    records += point(record, "vq", "rate_empirical_bpp", 0.2, 24.0)[:1]
    for quality, bpp, db in ((10, 0.3, 26.0), (50, 0.9, 31.0)):
        records += point(record, "JPEG", "rate_coded_bpp", bpp, db, quality=quality)
    axes = drawn_axes(RunData(records, ["vq"]), tmp_path, monkeypatch)
    assert len(axes) == 2
    for axis in axes:
        (line,) = [each for each in axis.get_lines() if each.get_label() == "JPEG"]
        red, green, blue = [int(line.get_color()[place : place + 2], 16) for place in (1, 3, 5)]
        assert red == green == blue
        assert line.get_xdata().tolist() == [0.3, 0.9]
        assert axis.get_xscale() == "log"


def test_without_rates_nothing_is_drawn(record, tmp_path):
    run = RunData([record("a", "psnr_db", 20.0)], [])
    assert RateDistortion().draw(run, tmp_path).files == []


def test_what_was_measured_on_other_images_is_hollow_and_named(record, tmp_path, monkeypatch):
    records = [
        each.model_copy(update={"data": data})
        for name, data in (("a", "photos"), ("b", "photos"), ("c", "folder:val"))
        for each in point(record, name, "rate_nominal_bpp", 0.25, 24.0)
    ]
    (axis,) = drawn_axes(RunData(records, ["a", "b", "c"]), tmp_path, monkeypatch)
    faces = {bars.get_label(): bars[0].get_markerfacecolor() for bars in axis.containers}
    assert faces["c"] == "white"
    assert "white" not in (faces["a"], faces["b"])
    note = " ".join(axis.figure.get_suptitle().split())
    assert "Hollow, measured on other terms and not compared: c; n = 64, folder:val" in note
    (axis,) = drawn_axes(RunData(records[:4], ["a", "b"]), tmp_path, monkeypatch)
    assert "Hollow" not in axis.figure.get_suptitle()
