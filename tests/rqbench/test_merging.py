"""Mirrors rqbench/merging.py."""

from dataclasses import replace
from pathlib import Path

from rqbench.merging import merge
from rqbench.record import Record
from rqbench.remarks import Contrast, Remark
from rqbench.report import RunData


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


def test_remarks_and_contrasts_follow_their_systems():
    remark = Remark(text="few", systems=("vq", "vq + raster"))
    contrast = Contrast(
        metric="fid", system="vq + raster", against="vq", difference=1.0, ci95=(0.0, 2.0),
        p_value=0.05, smallest_detectable=3.0,
    )  # fmt: skip
    said = replace(run("vq"), remarks=[remark], contrasts=[contrast])
    merged = merge({Path("a"): said, Path("b"): run("vq")})
    assert merged.remarks[0].systems == ("vq [a]", "vq [a] + raster")
    assert (merged.contrasts[0].system, merged.contrasts[0].against) == (
        "vq [a] + raster",
        "vq [a]",
    )
