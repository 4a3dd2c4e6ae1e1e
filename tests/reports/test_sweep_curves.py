"""Mirrors rqbench_reports/sweep_curves.py."""

from rqbench.api import RunData
from rqbench_reports import sweep_curves
from rqbench_reports.sweep_curves import SweepCurves, lines_along, moved, styles_of

DEPTHS = [
    {"values": {"tokenizer.depth": d}, "names": {"rq": f"rq [depth={d}]", "vq": "vq"}}
    for d in (1, 2, 4)
]
GRID = [
    {
        "values": {"tokenizer.depth": d, "prior.heads": h},
        "names": {"rq": f"rq [depth={d}]", "rq + a": f"rq [depth={d}] + a [heads={h}]"},
    }
    for d in (1, 2)
    for h in (1, 4)
]


def test_a_line_joins_the_names_of_one_tokenizer_by_value():
    rq, vq = lines_along(DEPTHS, "tokenizer.depth")
    assert rq.points == [(1, "rq [depth=1]"), (2, "rq [depth=2]"), (4, "rq [depth=4]")]
    assert (rq.is_swept, vq.is_swept) == (True, False)


def test_runs_that_sweep_different_keys_have_lines_of_their_own():
    other = [
        {"values": {"tokenizer.depth": 1, "data.flip": flip}, "names": {"rq [b]": f"rq {flip}"}}
        for flip in (True, False)
    ]
    merged = [*DEPTHS, *other]
    assert lines_along(merged, "data.flip") == lines_along(other, "data.flip")
    assert [line.label for line in lines_along(merged, "tokenizer.depth")] == [
        "rq", "vq", "rq [b] (flip=True)", "rq [b] (flip=False)",
    ]  # fmt: skip


def test_a_second_key_parts_only_the_lines_that_it_changes():
    labels = [line.label for line in lines_along(GRID, "tokenizer.depth")]
    assert labels == ["rq", "rq + a (heads=1)", "rq + a (heads=4)"]


def test_colour_and_marker_tell_the_tokenizer_and_a_hollow_marker_its_second_prior():
    names = ("rq", "rq + a", "rq + b", "vq", "vq + a")
    points = [{"values": {"tokenizer.depth": d}, "names": {n: n for n in names}} for d in (1, 2)]
    styles = styles_of(lines_along(points, "tokenizer.depth"))
    assert styles["rq"] == styles["rq + a"] != styles["vq"] == styles["vq + a"]
    assert styles["rq + b"].look == styles["rq"].look
    assert (styles["rq + b"].fill, styles["rq"].fill) == ("white", styles["rq"].look.colour)
    assert styles["rq + b"].dash != styles["rq"].dash
    assert styles["rq + b"].level_dash != styles["rq"].level_dash


def test_lines_of_one_tokenizer_stand_apart_by_a_share_of_the_axis():
    assert moved([1, 2, 5], 0.25, is_log=False) == [2, 3, 6]
    assert moved([1, 4, 16], 0.5, is_log=True) == [4, 16, 64]


def test_a_level_line_has_a_band_of_its_interval_and_comes_where_the_experiment_has_it(
    monkeypatch, record, tmp_path
):
    axes = []
    monkeypatch.setattr(
        sweep_curves, "legend_below", lambda figure, drawn, *_, **__: axes.extend(drawn)
    )
    names = ["vq", *(f"rq [depth={d}]" for d in (1, 2, 4))]
    records = [
        record(name, "psnr_db", 10.0 + place, ci95=(9.5 + place, 11.0 + place))
        for place, name in enumerate(names)
    ]
    SweepCurves().draw(RunData(records, names, sweep=DEPTHS), tmp_path)
    (axis,) = axes
    assert axis.get_legend_handles_labels()[1] == ["vq", "rq"]
    (band,) = axis.patches
    assert (band.get_y(), band.get_y() + band.get_height()) == (9.5, 11.0)


def test_a_figure_for_each_key_that_moves_something(record, tmp_path):
    names = [f"rq [depth={d}]" for d in (1, 2, 4)]
    records = [
        record(name, metric, 10.0 + place, ci95=(9.0 + place, 11.0 + place))
        for place, name in enumerate([*names, "vq"])
        for metric in ("psnr_db", "rfd_effnetlite0", "parameters")
    ]
    drawn = SweepCurves().draw(RunData(records, [*names, "vq"], sweep=DEPTHS), tmp_path)
    assert [path.name for path in drawn.files] == [
        "sweep-tokenizer-depth.png", "sweep-tokenizer-depth.pdf",
    ]  # fmt: skip


def test_a_corrected_distance_takes_no_panel_beside_the_plain_one(monkeypatch, record, tmp_path):
    axes = []
    monkeypatch.setattr(
        sweep_curves, "legend_below", lambda figure, drawn, *_, **__: axes.extend(drawn)
    )
    names = [f"rq [depth={d}]" for d in (1, 2, 4)]
    metrics = "rfd_net", "fd_net", "fd_corrected_net", "kid_net"
    records = [record(name, metric, 10.0) for name in names for metric in metrics]
    SweepCurves().draw(RunData(records, names, sweep=DEPTHS), tmp_path)
    assert [axis.get_ylabel() for axis in axes] == ["FD (net)", "rFD (net)"]


def test_values_that_are_no_numbers_are_named(record, tmp_path):
    sweep = [{"values": {"tokenizer.router": r}, "names": {"dq": f"dq [{r}]"}} for r in ("a", "b")]
    records = [record(f"dq [{r}]", "psnr_db", 20.0) for r in ("a", "b")]
    assert len(SweepCurves().draw(RunData(records, [], sweep=sweep), tmp_path).files) == 2


def test_without_a_sweep_nothing_is_drawn(example_run, tmp_path):
    assert SweepCurves().draw(example_run, tmp_path).files == []
