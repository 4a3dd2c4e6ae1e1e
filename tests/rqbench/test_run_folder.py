"""Mirrors rqbench/run_folder.py."""

from contextlib import nullcontext
from multiprocessing import get_context
from pathlib import Path

import pytest

from rqbench.errors import ConfigError
from rqbench.run_folder import RunFolder
from rqbench.stage import Context, Estimate, Stage
from rqbench.trainer import CHECKPOINT


class Counted:
    """A stage that counts how often it is carried out."""

    def __init__(self, name: str = "a", inputs: tuple[Stage, ...] = ()) -> None:
        self.times = 0
        self.stage = Stage(name, {"fact": 1}, inputs, self.work, lambda: Estimate(0.0))

    def work(self, context: Context) -> list[str]:
        self.times += 1
        read = [(folder / "out").read_text() for folder in context.inputs.values()]
        (context.folder / "out").write_text("".join(read) + self.stage.name)
        (context.folder / CHECKPOINT).write_text("half way")
        return ["out"]


def test_a_stage_is_carried_out_once_and_reads_its_inputs(tmp_path, progress):
    run, first = RunFolder(tmp_path / "run"), Counted()
    second = Counted("b", (first.stage,))
    for _ in range(2):
        done = [run.carry_out(each.stage, "cpu", progress) for each in (first, second)]
        assert run.is_complete(second.stage)
    assert done == [False, False]
    assert (first.times, second.times) == (1, 1)
    assert (run.folder(second.stage) / "out").read_text() == "ab"


def test_a_stage_is_found_under_the_name_it_was_computed_with(tmp_path, progress):
    run, old, new = RunFolder(tmp_path / "run"), Counted("kind/old"), Counted("kind/new")
    run.carry_out(old.stage, "cpu", progress)
    assert not run.carry_out(new.stage, "cpu", progress)
    assert run.folder(new.stage) == run.folder(old.stage)
    assert new.times == 0


def test_a_complete_stage_keeps_no_checkpoint(tmp_path, progress):
    run, counted = RunFolder(tmp_path / "run"), Counted()
    run.carry_out(counted.stage, "cpu", progress)
    names = {path.name for path in run.folder(counted.stage).iterdir()}
    assert names == {"out", "manifest.json"}


def test_a_stage_that_fails_is_not_complete_and_is_tried_again(tmp_path, progress):
    run, counted = RunFolder(tmp_path / "run"), Counted()

    def fail(context: Context) -> list[str]:
        (context.folder / "out").write_text("half")
        raise ZeroDivisionError

    broken = Stage("a", {"fact": 1}, (), fail, lambda: Estimate(0.0))
    with pytest.raises(ZeroDivisionError):
        run.carry_out(broken, "cpu", progress)
    assert not run.is_complete(counted.stage)
    assert run.carry_out(counted.stage, "cpu", progress)


@pytest.mark.parametrize("damage", ["out", "manifest.json"])
def test_a_damaged_stage_is_named_and_computed_again(tmp_path, progress, spoken, damage):
    run, counted = RunFolder(tmp_path / "run"), Counted()
    run.carry_out(counted.stage, "cpu", progress)
    path = run.folder(counted.stage) / damage
    path.write_text("damage")
    assert run.carry_out(counted.stage, "cpu", progress)
    assert counted.times == 2
    said = spoken.file.getvalue()
    assert str(path) in said
    assert "The stage is computed again." in said
    assert not run.carry_out(counted.stage, "cpu", progress)


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    for place in (tmp_path, tmp_path / "thesis.tex"):
        with pytest.raises(ConfigError, match="is not empty and no run of rqbench"):
            RunFolder(place)


def test_empty_new_and_own_folders_are_taken(tmp_path):
    RunFolder(tmp_path)
    run = RunFolder(tmp_path / "new")
    with run.locked():
        pass
    RunFolder(tmp_path / "new").write_experiment({"name": "n"})
    assert RunFolder(tmp_path / "new").experiment() == {"name": "n"}


def test_records_of_an_evaluation_are_read_and_no_run_is_begun_among_them(tmp_path):
    (tmp_path / "index.json").write_text("{}")
    RunFolder(tmp_path, reading=True)
    with pytest.raises(ConfigError, match="no run of rqbench"):
        RunFolder(tmp_path)


def enter(root: Path) -> None:
    with RunFolder(root).locked():
        pass


def test_the_lock_keeps_out_others_in_this_process_and_in_another(tmp_path, capfd):
    run = RunFolder(tmp_path / "run")
    exits = []
    for held in (True, False):
        # forked: a new process would import torch for longer than it works
        other = get_context("fork").Process(target=enter, args=(run.root,))
        with run.locked() if held else nullcontext():
            if held:
                with pytest.raises(ConfigError, match="Another rqbench works in"), run.locked():
                    pass
            other.start()
            other.join()
        exits.append(other.exitcode)
    assert exits == [1, 0]
    assert capfd.readouterr().err.count("Another rqbench works in") == 1
    with run.locked():
        pass


def test_clearing_forgets_everything_but_the_lock_that_is_held(tmp_path, progress):
    run, counted = RunFolder(tmp_path / "run"), Counted()
    with run.locked():
        run.carry_out(counted.stage, "cpu", progress)
        run.write_experiment({})
        run.write_environment("e", {"python": "3"})
        run.write_records([])
        (run.root / "report").mkdir()
        for name in ("index.json", "protocols.json"):
            (run.root / name).write_text("{}")
        run.clear()
        left = [path.relative_to(run.root).as_posix() for path in run.root.rglob("*")]
        assert sorted(left) == ["stages", "stages/.lock"]
        with pytest.raises(ConfigError, match="Another rqbench"), RunFolder(run.root).locked():
            pass


def test_records_are_asked_for_in_vain_before_the_first_run_ends(tmp_path):
    with pytest.raises(ConfigError, match=r"has no records\.jsonl. Run `rqbench compare --out"):
        RunFolder(tmp_path).records()


def test_environments_come_back_by_id(tmp_path):
    run = RunFolder(tmp_path / "run")
    run.write_environment("b", {"python": "3"})
    run.write_environment("a", {"python": "4"})
    assert run.environments() == {"a": {"python": "4"}, "b": {"python": "3"}}
