"""Mirrors rqbench/reporting.py."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from rqbench import reporting
from rqbench.errors import ConfigError, DamagedFileError, UnknownPluginError
from rqbench.record import Record
from rqbench.report import Drawn, Report, RunData
from rqbench.reporting import INDEX, draw_report, merge, read_run
from rqbench.run_folder import RunFolder


def record(tokenizer, prior=None):
    system = f"{tokenizer} + {prior}" if prior else tokenizer
    return Record(
        experiment="e", system=system, tokenizer=tokenizer, prior=prior, data="d", split="s",
        metric="psnr_db", value=1.0, n=1, protocol="p", protocol_hash="h", seed=0, environment="x",
    )  # fmt: skip


def run(*tokenizers, environment="x"):
    pairs = [f"{name} + raster" for name in tokenizers]
    return RunData(
        records=[record(name, prior) for name in tokenizers for prior in (None, "raster")],
        systems=[*tokenizers, *pairs],
        training={f"prior/{pair}": [{"step": 1}] for pair in pairs},
        pictures={name: {} for name in tokenizers},
        headlines=[
            {"title": "t", "system": pairs[0], "against": tokenizers[-1]},
            {"title": "u", "system": tokenizers[0], "against": [pairs[0], tokenizers[-1]]},
        ],
        environments={environment: {}},
    )


def test_one_run_alone_stays_as_it_is():
    alone = run("vq")
    assert merge({Path("a"): alone}) is alone


def test_what_stands_in_two_runs_gets_its_runs_name_everywhere():
    merged = merge({Path("d/one"): run("vq", "rq"), Path("d/two"): run("vq", environment="y")})
    assert merged.systems == [
        "vq [one]", "rq", "vq [one] + raster", "rq + raster", "vq [two]", "vq [two] + raster",
    ]  # fmt: skip
    assert [each.system for each in merged.records] == [
        "vq [one]", "vq [one] + raster", "rq", "rq + raster", "vq [two]", "vq [two] + raster",
    ]  # fmt: skip
    assert [each.tokenizer for each in merged.records][:3] == ["vq [one]", "vq [one]", "rq"]
    assert list(merged.training) == [
        "prior/vq [one] + raster", "prior/rq + raster", "prior/vq [two] + raster",
    ]  # fmt: skip
    assert list(merged.pictures) == ["vq [one]", "rq", "vq [two]"]
    first, second, third, _ = merged.headlines
    assert (first["system"], first["against"]) == ("vq [one] + raster", "rq")
    assert (second["system"], second["against"]) == ("vq [one]", ["vq [one] + raster", "rq"])
    assert (third["system"], third["against"]) == ("vq [two] + raster", "vq [two]")
    assert set(merged.environments) == {"x", "y"}


def swept_run(key, *values):
    names = [f"rq [{key}={value}]" for value in values]
    data = run("vq", *names)
    points = [
        {"values": {f"tokenizer.{key}": value}, "names": {"vq": "vq", "rq": name}}
        for value, name in zip(values, names, strict=True)
    ]
    logs = {
        f"{stage}{seed}": [{"step": value}]
        for value, name in zip(values, names, strict=True)
        for stage in (f"tokenizer/{name}", f"prior/{name} + raster")
        for seed in ("", " seed +1")
    }
    return replace(data, sweep=points, training=logs)


def test_every_log_of_several_runs_with_several_seeds_is_kept_under_its_runs_name():
    runs = {Path(path): swept_run("depth", 1, value) for path, value in (("a", 2), ("b", 3))}
    logs = merge(runs).training
    assert len(logs) == 16
    for run_name in ("a", "b"):
        for seed in ("", " seed +1"):
            assert logs[f"tokenizer/rq [depth=1] [{run_name}]{seed}"] == [{"step": 1}]
            assert logs[f"prior/rq [depth=1] [{run_name}] + raster{seed}"] == [{"step": 1}]
    assert logs["tokenizer/rq [depth=3] seed +1"] == [{"step": 3}]


def test_a_name_that_begins_like_another_is_not_taken_for_it():
    runs = {Path("a"): swept_run("depth", 1), Path("b"): run("rq")}
    whole = replace(runs[Path("a")], systems=["rq", *runs[Path("a")].systems])
    logs = merge(runs | {Path("a"): whole}).training
    assert "tokenizer/rq [depth=1] seed +1" in logs
    assert "prior/rq [b] + raster" in logs


def test_sweeps_of_several_runs_stand_one_after_the_other_under_the_new_names():
    runs = {Path(path): swept_run("depth", 1, value) for path, value in (("a", 2), ("b", 3))}
    points = merge(runs | {Path("c"): run("vq")}).sweep
    assert [point["values"]["tokenizer.depth"] for point in points] == [1, 2, 1, 3]
    assert points[0]["names"] == {"vq [a]": "vq [a]", "rq [a]": "rq [depth=1] [a]"}
    assert points[3]["names"] == {"vq [b]": "vq [b]", "rq [b]": "rq [depth=3]"}


def test_runs_whose_folders_are_called_alike_are_told_apart_by_their_parents():
    merged = merge({Path("a/run"): run("vq"), Path("b/run"): run("vq"), Path("c"): run("vq")})
    assert merged.systems[::2] == ["vq [a-run]", "vq [b-run]", "vq [c]"]


def test_a_run_is_read_with_its_logs_and_its_pictures_channels_last(finished):
    data = read_run(finished.run)
    assert data.records == finished.records
    assert list(data.systems)[:2] == ["vq-4x4", "rq-4x4x4"]
    assert [line["step"] for line in data.training["tokenizer/vq-4x4"]] == [1.0, 2.0]
    assert data.pictures["vq-4x4"]["originals"].shape == (2, 32, 32, 3)
    assert data.pictures["vq-4x4 + raster"]["samples"].shape == (4, 32, 32, 3)


def test_the_page_shows_every_table_and_plot(finished):
    page = (finished.run / "report" / "README.md").read_text()
    assert page.startswith("# Report of run\n")
    shown = [path for path in finished.files if path.name != "README.md"]
    assert {".png", ".md"} <= {path.suffix for path in shown}
    for path in shown:
        if path.suffix == ".png":
            assert f"]({path.relative_to(finished.run / 'report').as_posix()})" in page
        elif path.suffix == ".md":
            assert path.read_text().strip() in page


class Fine(Report):
    order = 2

    def draw(self, run, folder):
        (folder / "fine.md").write_text(f"{len(run.records)} records")
        return Drawn([folder / "fine.md"], "a table")


class Broken(Fine):
    order = 1

    def draw(self, run, folder):
        raise KeyError("gone")


def lost():
    raise UnknownPluginError("cannot be loaded")


@pytest.fixture
def two_reports(monkeypatch):
    loads = {"broken": lambda: Broken, "fine": lambda: Fine, "lost": lost}
    found = {name: SimpleNamespace(load=load) for name, load in loads.items()}
    monkeypatch.setattr(reporting, "installed", lambda kind: found)


def test_a_broken_report_costs_no_other_its_tables(run_copy, two_reports, finished):
    drawn = draw_report([run_copy])
    assert drawn.failed == {"report/lost": "cannot be loaded", "report/broken": "KeyError: 'gone'"}
    assert drawn.terminal == ["a table"]
    page = (run_copy / "report" / "README.md").read_text()
    assert page == f"# Report of run\n\n## Fine\n\n{len(finished.records)} records\n"


def test_a_report_drawn_again_leaves_nothing_of_the_old_one(run_copy, two_reports):
    (run_copy / "report" / "deep").mkdir()
    (run_copy / "report" / "deep" / "old.png").touch()
    draw_report([run_copy])
    left = {path.name for path in (run_copy / "report").iterdir()}
    assert left == {"fine.md", "README.md", ".rqbench-report"}


def test_a_place_that_holds_anything_else_is_refused(run_copy, two_reports, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "thesis.tex").write_text("years of work")
    for place in (tmp_path / "notes", tmp_path / "notes" / "thesis.tex"):
        with pytest.raises(ConfigError, match="is not empty and holds no report"):
            draw_report([run_copy], place)
    assert (tmp_path / "notes" / "thesis.tex").read_text() == "years of work"


@pytest.mark.parametrize("part", ["index.json", "stages"])
def test_a_run_that_lacks_a_part_is_told_with_the_way_to_mend_it(run_copy, part):
    path = run_copy / part
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(DamagedFileError, match="Run `rqbench compare`"):
        read_run(run_copy)


def test_a_report_of_several_runs_needs_a_place(tmp_path):
    with pytest.raises(ConfigError, match="needs a place: add --out"):
        draw_report([tmp_path, tmp_path])


def test_a_report_needs_records(tmp_path):
    with pytest.raises(ConfigError, match=r"has no records\.jsonl"):
        draw_report([tmp_path])


def test_a_report_sees_several_seeds_as_one_record(tmp_path):
    (tmp_path / "stages").mkdir()
    seeds = [record("vq").model_copy(update={"seed": seed, "value": 1.0 + seed}) for seed in (0, 1)]
    RunFolder(tmp_path).write_records(seeds)
    index = {"tokenizers": ["vq"], "systems": [], "training": {}, "pictures": {}, "headlines": []}
    (tmp_path / INDEX).write_text(json.dumps(index))
    (pooled,) = read_run(tmp_path).records
    assert (pooled.value, pooled.seeds) == (1.5, (0, 1))
    assert len(RunFolder(tmp_path).records()) == 2
