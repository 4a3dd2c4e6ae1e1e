"""Mirrors rqbench/reporting.py."""

import json
import shutil
from types import SimpleNamespace

import pytest

from rqbench import reporting
from rqbench.errors import ConfigError, DamagedFileError, UnknownPluginError
from rqbench.record import Record
from rqbench.report import Drawn, Report
from rqbench.reporting import INDEX, draw_report, read_run
from rqbench.run_folder import RunFolder


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
    one = Record(
        experiment="e", system="vq", tokenizer="vq", data="d", split="s", metric="psnr_db",
        value=1.0, n=1, protocol="p", protocol_hash="h", seed=0, environment="x",
    )  # fmt: skip
    seeds = [one, one.model_copy(update={"seed": 1, "value": 2.0})]
    RunFolder(tmp_path).write_records(seeds)
    index = {"tokenizers": ["vq"], "systems": [], "training": {}, "pictures": {}, "headlines": []}
    (tmp_path / INDEX).write_text(json.dumps(index))
    (pooled,) = read_run(tmp_path).records
    assert (pooled.value, pooled.seeds) == (1.5, (0, 1))
    assert len(RunFolder(tmp_path).records()) == 2
