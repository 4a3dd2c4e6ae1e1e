"""Mirrors rqbench/dry_run.py."""

from rich.console import Console

from rqbench.compare import open_settings
from rqbench.dry_run import Forecast, Planned, forecast, plan_table
from rqbench.pipeline import plan


def shown(table):
    console = Console(width=200)
    with console.capture() as kept:
        console.print(table)
    return kept.get()


def test_a_forecast_tries_every_stage_and_leaves_nothing(tmp_path, two_systems, spoken):
    out = tmp_path / "run"
    planned = forecast(plan(open_settings(two_systems, "cpu")), out, spoken)
    assert len(planned.stages) == 17
    assert not any(stage.complete for stage in planned.stages)
    assert all(stage.seconds > 0 for stage in planned.stages)
    assert planned.seconds == sum(stage.seconds for stage in planned.stages)
    assert planned.disk_bytes > 0
    assert planned.peak_memory_bytes > 0
    assert not out.exists()
    table = plan_table(planned, out)
    assert shown(table).count("to do") == 17
    assert f"run folder {out}" in str(table.caption)


def test_a_finished_run_needs_nothing(finished, two_systems, spoken):
    planned = forecast(plan(open_settings(two_systems, "cpu")), finished.run, spoken)
    assert all(stage.complete for stage in planned.stages)
    assert (planned.seconds, planned.disk_bytes) == (0, 0)
    assert shown(plan_table(planned, finished.run)).count("complete") == 17
    assert "sampling-speed complete\n" in spoken.file.getvalue()


def test_what_stands_in_brackets_is_shown_in_the_plan(tmp_path):
    planned = Forecast([Planned("tokenizer/rq [depth=2]", False, 1.0, 0)], 0)
    assert "tokenizer/rq [depth=2]" in shown(plan_table(planned, tmp_path))


def test_what_was_tried_on_fewer_images_than_a_batch_is_marked(tmp_path):
    stages = [Planned("a", False, 1.0, 0), Planned("b", False, 2.0, 0, whole=False)]
    whole, cut = (
        plan_table(Forecast(some, 2_000_000_000), tmp_path) for some in (stages[:1], stages)
    )
    assert "memory 2.0 GB" in str(whole.caption)
    assert "memory above 2.0 GB" in str(cut.caption)
    assert "* A batch takes over 10 s, so fewer images were tried" in str(cut.caption)
    assert ("*" in shown(whole), "2.0*" in shown(cut)) == (False, True)
