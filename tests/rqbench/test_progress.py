"""Mirrors rqbench/progress.py."""

import pytest


@pytest.fixture
def said(spoken):
    return lambda: spoken.file.getvalue()


def test_stages_are_told_in_plain_lines_where_there_is_no_terminal(progress, said):
    progress.start(10)
    progress.advance({"step": 1.0, "loss": 0.5})
    progress.end_stage(done=False)
    assert said() == "a stage ...\na stage complete before\n"


def test_a_long_stage_tells_now_and_then_how_far_it_is(progress, said, monkeypatch):
    monkeypatch.setattr("rqbench.progress.time.perf_counter", lambda: now)
    now = 1e6
    progress.begin_stage("long")
    progress.start(400)
    for seconds in (1, 59, 1, 58, 2):
        now += seconds
        progress.advance(by=10)
    counts = [line.split()[1] for line in said().splitlines() if "/" in line]
    assert counts == ["20/400", "50/400"]


def test_what_stands_in_brackets_is_told_as_it_is(progress, said):
    progress.warn("pictures/[red]/a.png and x[i]")
    progress.say("[/oops]")
    assert "warning a stage: pictures/[red]/a.png and x[i]\n" in said()
    assert "a stage [/oops]\n" in said()


def test_a_collapsing_codebook_is_told_once(progress, said):
    for step, usage in enumerate((0.5, 0.8, 0.3, 0.19, 0.1)):
        progress.advance({"step": float(step), "codebook_usage": usage})
    assert said().count("collapses") == 1
    assert "19% of it in use at step 3, after 80%" in said()


def test_the_next_stage_starts_with_a_clean_record(progress, said):
    progress.advance({"step": 1.0, "codebook_usage": 1.0})
    progress.begin_stage("another")
    progress.advance({"step": 1.0, "codebook_usage": 0.1})
    assert "collapses" not in said()
