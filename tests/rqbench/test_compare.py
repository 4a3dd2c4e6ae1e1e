"""Mirrors rqbench/compare.py."""

import json

import pytest

from rqbench.compare import compare
from rqbench.errors import ConfigError
from rqbench.experiment import SystemSpec
from rqbench.metric_names import is_timing
from rqbench.record import read_records
from rqbench.stages import train_tokenizer


def untimed(records):
    """All that two runs of one experiment must share."""
    return [record for record in records if not is_timing(record.metric)]


def stages(run):
    return {path.name for path in (run / "stages").iterdir() if path.is_dir()}


def test_a_run_leaves_records_of_every_tokenizer_and_system(finished):
    assert not finished.failed
    assert {record.system for record in finished.records} == {
        "vq-4x4", "rq-4x4x4", "vq-4x4 + raster", "rq-4x4x4 + depth-stacked",
    }  # fmt: skip
    assert read_records(finished.run / "records.jsonl") == finished.records
    environments = {path.stem for path in (finished.run / "environments").iterdir()}
    assert environments == {record.environment for record in finished.records}
    assert all(path.is_file() for path in finished.files)


def test_every_protocol_is_written_out_in_full(finished):
    protocols = json.loads((finished.run / "protocols.json").read_text())
    assert {record.protocol_hash for record in finished.records} == protocols.keys()
    for record in finished.records:
        assert protocols[record.protocol_hash]["id"] == record.protocol


def test_the_index_leads_to_every_log_and_picture(finished):
    index = json.loads((finished.run / "index.json").read_text())
    assert index["tokenizers"] == ["vq-4x4", "rq-4x4x4"]
    assert index["systems"] == ["vq-4x4 + raster", "rq-4x4x4 + depth-stacked"]
    assert len(index["training"]) == len(index["pictures"]) == 4
    assert all(
        (finished.run / folder / "log.jsonl").is_file() for folder in index["training"].values()
    )


def test_the_same_experiment_twice_does_no_work(
    run_copy, finished, two_systems, spoken, without_report
):
    def contents():
        return {
            path: path.read_bytes() for path in (run_copy / "stages").rglob("*") if path.is_file()
        } | {run_copy: (run_copy / "records.jsonl").read_bytes()}

    before = contents()
    outcome = compare(two_systems, run_copy, spoken, "cpu")
    assert contents() == before
    assert outcome.records == finished.records
    said = spoken.file.getvalue()
    assert said.count("complete before") == 17
    assert "done in" not in said


def test_a_changed_tokenizer_is_computed_again_with_what_follows_and_nothing_else(
    run_copy, finished, build_experiment, spoken, without_report
):
    changed = build_experiment(
        ("vq-4x4", "raster"), ("rq-4x4x4", "depth-stacked"),
        overrides=("tokenizers.rq-4x4x4.config.codebook_size=8",),
    )  # fmt: skip
    before = stages(run_copy)
    outcome = compare(changed, run_copy, spoken, "cpu")
    new = {name.rpartition("-")[0] for name in stages(run_copy) - before}
    system = "rq-4x4x4+depth-stacked"
    assert new == {
        "tokenizer-rq-4x4x4", "codes-rq-4x4x4", "scores-rq-4x4x4",
        f"prior-{system}", f"samples-{system}", f"coded-{system}", f"scores-{system}",
        "sampling-speed",
    }  # fmt: skip
    assert before < stages(run_copy)

    def of_vq(records):
        return [record for record in untimed(records) if record.tokenizer == "vq-4x4"]

    assert of_vq(outcome.records) == of_vq(finished.records)
    assert untimed(outcome.records) != untimed(finished.records)


def test_a_damaged_file_is_named_and_made_again_as_it_was(
    run_copy, finished, two_systems, spoken, without_report
):
    (path,) = run_copy.glob("stages/tokenizer-vq-4x4-*/model.safetensors")
    sound = path.read_bytes()
    path.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    outcome = compare(two_systems, run_copy, spoken, "cpu")
    said = spoken.file.getvalue()
    assert f"{path} is not what was written" in said
    assert said.count("done in") == 1
    assert path.read_bytes() == sound
    assert untimed(outcome.records) == untimed(finished.records)


def test_an_impossible_pair_is_refused_before_any_work(tmp_path, build_experiment, spoken):
    experiment = build_experiment(("vq-4x4", "raster"), ("dq-4x4-8x8", "coarse-to-fine"))
    pair = (SystemSpec(tokenizer="vq-4x4", prior="coarse-to-fine"),)
    impossible = experiment.model_copy(update={"systems": pair})
    with pytest.raises(ConfigError, match="is impossible"):
        compare(impossible, tmp_path / "run", spoken, "cpu")
    assert not (tmp_path / "run").exists()


@pytest.fixture
def broken_tokenizer(monkeypatch):
    """The training of vq-4x4 fails until the returned function is called."""
    sound = train_tokenizer.train

    def train(objective, training, folder, *more):
        if folder.name.startswith("tokenizer-vq"):
            raise RuntimeError("broken on purpose: [tag]")
        return sound(objective, training, folder, *more)

    monkeypatch.setattr(train_tokenizer, "train", train)
    return lambda: monkeypatch.setattr(train_tokenizer, "train", sound)


def test_a_failing_stage_costs_its_followers_alone_and_mended_all_is_as_if_it_had_not_failed(
    tmp_path, finished, two_systems, spoken, without_report, broken_tokenizer
):
    out = tmp_path / "run"
    outcome = compare(two_systems, out, spoken, "cpu")
    assert set(outcome.failed) == {
        "tokenizer/vq-4x4", "codes/vq-4x4", "scores/vq-4x4", "prior/vq-4x4 + raster",
        "samples/vq-4x4 + raster", "coded/vq-4x4 + raster", "scores/vq-4x4 + raster",
    }  # fmt: skip
    assert outcome.failed["tokenizer/vq-4x4"] == "RuntimeError: broken on purpose: [tag]"
    assert outcome.failed["codes/vq-4x4"] == "needs tokenizer/vq-4x4, which failed"
    kept = [record for record in finished.records if record.tokenizer != "vq-4x4"]
    assert untimed(outcome.records) == untimed(kept)
    (error,) = out.glob("stages/tokenizer-vq-4x4-*/error.txt")
    assert "Traceback" in error.read_text()
    assert f"RuntimeError: broken on purpose: [tag] Traceback: {error}" in spoken.file.getvalue()

    broken_tokenizer()
    mended = compare(two_systems, out, spoken, "cpu")
    assert not mended.failed
    assert untimed(mended.records) == untimed(finished.records)
    assert stages(out) > stages(finished.run)
    assert not error.exists()


def test_a_report_is_drawn_even_where_everything_failed(
    tmp_path, build_experiment, spoken, broken_tokenizer
):
    outcome = compare(build_experiment(("vq-4x4", "raster")), tmp_path / "run", spoken, "cpu")
    assert outcome.records == []
    assert (tmp_path / "run" / "report" / "README.md").is_file()


def test_fresh_forgets_what_the_folder_holds(
    run_copy, build_experiment, spoken, without_report, broken_tokenizer
):
    outcome = compare(build_experiment(("vq-4x4", "raster")), run_copy, spoken, "cpu", fresh=True)
    assert outcome.records == []
    assert {name.rpartition("-")[0] for name in stages(run_copy)} == {
        "reference", "tokenizer-vq-4x4", "training-features",
    }  # fmt: skip


def test_images_that_are_left_out_are_listed(tmp_path, two_systems, spoken, write_classes):
    root = write_classes(tmp_path / "pictures")
    (root / "a" / "[bad].png").write_bytes(b"no picture")
    data = two_systems.data.model_copy(
        update={"source": str(root), "held_out": 4, "skip_bad": True}
    )
    nothing = two_systems.model_copy(update={"data": data, "systems": (), "tokenizers": {}})
    with pytest.raises(ConfigError, match="nothing to compare"):
        compare(nothing, tmp_path / "run", spoken, "cpu")
    one = {"vq-4x4": two_systems.tokenizers["vq-4x4"]}
    compare(nothing.model_copy(update={"tokenizers": one}), tmp_path / "run", spoken, "cpu")
    said = spoken.file.getvalue()
    assert "left out 1 image:" in said
    assert "a/[bad].png" in said


@pytest.mark.slow
def test_a_run_in_slices_ends_where_an_undisturbed_one_ends(
    finished, two_systems, tmp_path, spoken, without_report
):
    slices = 0
    while (outcome := compare(two_systems, tmp_path / "run", spoken, "cpu", minutes=0.0)).paused:
        slices += 1
        assert not outcome.failed
    assert slices > 13  # at least one for each stage but the last; trainings pause inside too
    assert untimed(outcome.records) == untimed(finished.records)


def test_several_seeds_leave_records_of_each_on_the_same_images(
    two_systems, tmp_path, spoken, without_report
):
    seeds = two_systems.model_copy(update={"seeds": 2, "systems": ()})
    outcome = compare(seeds, tmp_path / "run", spoken, "cpu")
    assert not outcome.failed
    found = {
        record.seed: record
        for record in outcome.records
        if (record.system, record.metric, record.settings) == ("vq-4x4", "psnr_db", {})
    }
    assert found.keys() == {0, 1}
    assert found[0].clusters == found[1].clusters
    assert found[0].raw != found[1].raw


def test_a_sweep_leaves_records_of_each_value_and_says_what_is_called_what(
    two_systems, tmp_path, spoken, without_report
):
    swept = two_systems.model_copy(update={"sweep": {"tokenizer.depth": [1, 2]}, "systems": ()})
    outcome = compare(swept, tmp_path / "run", spoken, "cpu")
    names = {record.system for record in outcome.records}
    assert names == {"vq-4x4", "rq-4x4x4 [depth=1]", "rq-4x4x4 [depth=2]"}
    index = json.loads((tmp_path / "run" / "index.json").read_text())
    assert [point["values"] for point in index["sweep"]] == [
        {"tokenizer.depth": 1}, {"tokenizer.depth": 2},
    ]  # fmt: skip
    assert index["sweep"][1]["names"]["rq-4x4x4"] == "rq-4x4x4 [depth=2]"
