"""Mirrors rqbench_reports/speed_figure.py."""

import pytest
from matplotlib.figure import Figure

from rqbench.api import Record
from rqbench_reports import speed_figure as module
from rqbench_reports.speed_rows import SpeedRow


def row(system: str, batch: int, rate: float, setting: str = "") -> SpeedRow:
    values = {
        "sampling_images_per_s": rate, "prior_ms_per_image": 750 / rate,
        "decoder_ms_per_image": 250 / rate,
    }  # fmt: skip
    is_paper = module.PUBLISHED in system
    names = ["sampling_images_per_s"] if is_paper else list(values)
    made = {
        (name, ""): Record(
            experiment="speed", system=system, tokenizer=system, data="none", split="none",
            metric=name, value=values[name], n=6, seed=0, environment="gpu0", protocol="speed",
            protocol_hash="0", source="published" if is_paper else "measured",
        )
        for name in names
    }  # fmt: skip
    return SpeedRow(system, batch, setting, made)


ROWS = [
    row("vq", 1, 2.0, "slow"), row("rq", 1, 6.0, "slow"), row("vq", 1, 4.0, "fast"),
    row("rq", 1, 8.0, "fast"), row("vq (published)", 1, 1.0), row("rq (published)", 1, 5.0),
]  # fmt: skip


@pytest.fixture
def drawn(tmp_path, monkeypatch) -> Figure:
    kept: list[Figure] = []
    save = module.save
    monkeypatch.setattr(module, "save", lambda *given: (kept.append(given[0]), save(*given))[1])
    files = module.speed_figure(ROWS, ROWS, tmp_path)
    assert {path.name for path in files} == {"sampling-speed.png", "sampling-speed.pdf"}
    assert all(path.is_file() for path in files)
    return kept[0]


def test_a_system_keeps_its_colour_in_all_settings_and_where_it_is_published(drawn):
    lines = {line.get_label(): line for line in drawn.axes[0].get_lines()}
    assert list(lines) == ["vq, slow", "rq, slow", "vq, fast", "rq, fast",
                           "vq (published)", "rq (published)"]  # fmt: skip
    for system in ("vq", "rq"):
        own = [line for name, line in lines.items() if name.startswith(system)]
        assert len({line.get_color() for line in own}) == 1
        assert len({line.get_linestyle() for line in own}) == 3
    assert lines["vq, slow"].get_color() != lines["rq, slow"].get_color()


def test_speed_ups_are_those_within_a_setting_and_among_the_published(drawn):
    ups = {line.get_label(): line.get_ydata() for line in drawn.axes[1].get_lines()}
    told = {name: list(values) for name, values in ups.items() if name in {"rq, slow", "rq, fast"}}
    assert told == {"rq, slow": [3.0], "rq, fast": [2.0]}
    assert list(ups["rq (published)"]) == [5.0]


def test_each_bar_is_of_the_shares_of_prior_and_decoder(drawn):
    bars = drawn.axes[2].patches
    assert [bar.get_width() for bar in bars] == pytest.approx([0.75, 0.25] * 4)
    labels = [label.get_text() for label in drawn.axes[2].get_yticklabels()]
    assert labels == ["slow 1", "slow 1", "fast 1", "fast 1"]


def test_the_logarithmic_axis_says_so_and_has_three_ticks_at_least(drawn):
    speeds = drawn.axes[0]
    assert speeds.get_ylabel() == "sampling (images/s) ↑ (log)"
    low, high = speeds.get_ylim()
    labels = [
        tick.label1.get_text()
        for tick in speeds.yaxis.get_major_ticks()
        if low <= tick.get_loc() <= high
    ]
    assert labels == ["1", "2", "5"]


def test_lines_of_one_batch_stand_beside_each_other(drawn):
    lines = drawn.axes[0].get_lines()
    assert len({line.get_xdata()[0] for line in lines}) == len(lines) == 6


def test_a_speed_up_with_an_interval_has_a_bar_as_long(tmp_path, monkeypatch):
    kept: list[Figure] = []
    monkeypatch.setattr(module, "save", lambda figure, *_: kept.append(figure) or [])
    rounds = {"vq": [2.0] * 6, "rq": [6.0, 6.0, 6.0, 6.0, 8.0, 5.0]}
    rows = [row(system, 1, raw[0]) for system, raw in rounds.items()]
    for each in rows:
        key = ("sampling_images_per_s", "")
        each.records[key] = each.records[key].model_copy(update={"raw": rounds[each.system]})
    module.speed_figure(rows, rows, tmp_path)
    (bar,) = kept[0].axes[1].containers
    (ends,) = bar.lines[2][0].get_segments()
    assert ends[:, 1].tolist() == pytest.approx([2.5, 4.0])
