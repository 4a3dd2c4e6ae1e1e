"""Mirrors rqbench/speed/measure.py, and with it rounds, systems and recording."""

import json
from types import SimpleNamespace

import pytest
import torch

from rqbench.choice import Sampling
from rqbench.errors import ConfigError, UnsupportedError
from rqbench.graph import GraphError
from rqbench.plugins import find
from rqbench.prior import Prior
from rqbench.record import read_records
from rqbench.reporting import draw_report
from rqbench.speed import measure, measure_speed
from rqbench.speed.bench import PublishedSpeed

VQ, RQ = "vq-8x8 + raster", "rq-4x4x4 + depth-stacked"
SPEEDS = {"sampling_images_per_s", "prior_ms_per_image", "decoder_ms_per_image"}


def numbers(records, system, batch):
    """Values by metric and part."""
    return {
        (record.metric, record.settings.get("part") or record.settings.get("phase", "")): record
        for record in records
        if (record.system, record.settings["batch"]) == (system, batch)
    }


def test_speed_floor_and_ratio_of_prior_and_decoder_are_recorded_and_reported(build, tmp_path):
    figure = PublishedSpeed(
        system="a + b", batch=2, seconds_per_image=0.25, citation="somebody, figure 1"
    )
    missing = figure.model_copy(update={"batch": 9, "seconds_per_image": None})
    found = measure_speed(build(published=[figure, missing]), tmp_path / "speed")
    assert read_records(tmp_path / "speed/records.jsonl") == found.records
    assert not found.failed
    for system in (VQ, RQ):
        told = numbers(found.records, system, 2)
        prior, decoder = (told[f"{part}_ms_per_image", ""] for part in ("prior", "decoder"))
        both = [a + b for a, b in zip(prior.raw, decoder.raw, strict=True)]
        speed = told["sampling_images_per_s", ""]
        assert speed.raw == pytest.approx([1000 / ms for ms in both])
        assert (speed.n, speed.ci95) == (5, None)  # five are too few for 95%
        floors = {part: told["floor_ms_per_image", part].value for part in ("prior", "decoder")}
        phases = [r.value for (name, _), r in told.items() if name == "phase_floor_ms_per_image"]
        assert sum(phases) == pytest.approx(floors["prior"])
        ratio = told["floor_ratio", "prior"]
        assert ratio.value == pytest.approx(prior.value / floors["prior"])
        assert told["audit_passed", ""].n == 2 * 16  # 4x4 codes, or 2x2x4
        assert told["sampling_peak_memory_bytes", ""].value > 0
        assert told["first_draw_extra_s", ""].value > -prior.value * 2 / 1000  # less than no time
    paper = numbers(found.records, "a (published) + b", 2)["sampling_images_per_s", ""]
    assert (paper.value, paper.source, paper.citation) == (4.0, "published", figure.citation)
    assert numbers(found.records, "a (published) + b", 9)["fits_memory", ""].value == 0
    facts = json.loads((tmp_path / "speed/speed.json").read_text())
    assert facts["timings"][0]["device_rates"]["bytes_per_s"] > 0
    drawn = draw_report([tmp_path / "speed"])
    assert not drawn.failed
    table = (tmp_path / "speed/report/tables/sampling-speed.md").read_text()
    assert "out of memory" in table
    assert "somebody, figure 1" in table
    assert (tmp_path / "speed/report/figures/sampling-speed.png").is_file()


def test_what_does_not_fit_is_a_row_and_the_sweep_goes_on(build, tmp_path, monkeypatch):
    whole, asked = Prior.sample, []

    def sample(self, num_images, *rest, **more):
        asked.append((type(self).__name__, num_images))
        if type(self).__name__ == "Raster" and num_images >= 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 75 GiB.\nmore")
        return whole(self, num_images, *rest, **more)

    monkeypatch.setattr(Prior, "sample", sample)
    found = measure_speed(build(batch=[1, 2, 3]), tmp_path / "speed")
    fits = {
        (record.system, record.settings["batch"]): record.value
        for record in found.records
        if record.metric == "fits_memory"
    }
    assert fits == {(VQ, 1): 1, (RQ, 1): 1, (VQ, 2): 0, (RQ, 2): 1, (RQ, 3): 1}
    assert ("Raster", 3) not in asked  # a larger batch cannot fit
    assert not SPEEDS & {metric for metric, _ in numbers(found.records, VQ, 2)}
    said = [t.out_of_memory for t in found.timings if t.out_of_memory]
    assert said == ["CUDA out of memory. Tried to allocate 75 GiB."]


def test_a_loop_that_cuda_will_not_record_is_told_and_the_sweep_goes_on(
    build, tmp_path, monkeypatch
):
    whole = Prior.sample

    def sample(self, *rest, **more):
        if type(self).__name__ == "Raster":
            raise GraphError("CUDA would not record it: operation not permitted")
        return whole(self, *rest, **more)

    monkeypatch.setattr(Prior, "sample", sample)
    found = measure_speed(build(), tmp_path / "speed")
    why = "CUDA would not record it: operation not permitted"
    assert found.failed == {f"{VQ}, batch 2": [why]}
    assert list(numbers(found.records, VQ, 2)) == [("could_be_drawn", "")]
    assert numbers(found.records, RQ, 2)


def test_any_other_fault_of_one_system_is_told_too(build, tmp_path, monkeypatch):
    def decode(self, codes):
        raise RuntimeError("sizes differ\nmore")

    monkeypatch.setattr(find("tokenizer", "vq").load(), "decode", decode)
    monkeypatch.setattr(measure, "decode_operations", lambda *rest: 1)
    found = measure_speed(build(), tmp_path / "speed")
    assert found.failed == {f"{VQ}, batch 2": ["sizes differ"]}
    assert numbers(found.records, RQ, 2)


def test_what_was_timed_before_an_interrupt_is_written(build, tmp_path, monkeypatch):
    whole = Prior.sample

    def sample(self, num_images, *rest, **more):
        if num_images == 3:
            raise KeyboardInterrupt
        return whole(self, num_images, *rest, **more)

    monkeypatch.setattr(Prior, "sample", sample)
    with pytest.raises(KeyboardInterrupt):
        measure_speed(build(batch=[2, 3, 4]), tmp_path / "speed")
    records = read_records(tmp_path / "speed/records.jsonl")
    assert {record.settings["batch"] for record in records} == {2}
    assert numbers(records, VQ, 2)["floor_ratio", "prior"].value > 0
    facts = json.loads((tmp_path / "speed/speed.json").read_text())
    assert facts["not_timed"] == ["batch 3", "batch 4"]


def test_an_interrupt_before_anything_was_timed_leaves_nothing(build, tmp_path, monkeypatch):
    def sample(self, *rest, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(Prior, "sample", sample)
    with pytest.raises(KeyboardInterrupt):
        measure_speed(build(), tmp_path / "speed")
    assert not (tmp_path / "speed").exists()


def test_rounding_to_tf32_is_refused_where_there_is_no_such_thing(build, tmp_path):
    with pytest.raises(UnsupportedError, match="cannot round to TF32"):
        measure_speed(build(tf32=True), tmp_path / "speed")


def test_a_run_whose_audit_fails_reports_no_speed(build, tmp_path, monkeypatch):
    whole = Prior.sample

    def sample(self, num_images, seed, sampling, *rest, **more):
        wrong = Sampling(temperature=40.0) if type(self).__name__ == "Raster" else sampling
        return whole(self, num_images, seed + (wrong is not sampling), wrong, *rest, **more)

    monkeypatch.setattr(Prior, "sample", sample)
    found = measure_speed(build(), tmp_path / "speed")
    assert list(found.failed) == [f"{VQ}, batch 2"]
    assert {metric for metric, _ in numbers(found.records, VQ, 2)} == {
        "fits_memory", "audit_passed",
    }  # fmt: skip
    assert {metric for metric, _ in numbers(found.records, RQ, 2)} >= SPEEDS
    told = json.loads((tmp_path / "speed/speed.json").read_text())["timings"][0]
    assert "drawing" not in told


def test_a_mode_reaches_priors_that_have_modes_and_is_refused_by_others(
    build, tmp_path, monkeypatch
):
    with monkeypatch.context() as patched:
        for way in ("has_lockstep", "has_faster_steps"):
            patched.setattr(find("prior", "raster").load(), way, False)
        with pytest.raises(UnsupportedError, match="Raster has no eager mode"):
            measure_speed(build(mode="eager"), tmp_path / "speed")
    assert not (tmp_path / "speed").exists()
    whole, modes = Prior.sample, set()

    def sample(self, num_images, seed, sampling, condition=None, first_image=0, mode="auto"):
        modes.add(mode)
        return whole(self, num_images, seed, sampling, condition, first_image)

    monkeypatch.setattr(Prior, "sample", sample)
    measure_speed(build(mode="eager"), tmp_path / "speed")
    assert modes == {"eager"}


def test_bfloat16_is_timed_and_audited_too(build, tmp_path):
    found = measure_speed(build(dtype="bfloat16"), tmp_path / "speed")
    assert not found.failed
    assert {record.settings["dtype"] for record in found.records} == {"bfloat16"}


def test_a_place_where_something_is_and_two_systems_of_one_name_are_refused(build, tmp_path):
    bench = build()
    with pytest.raises(ConfigError, match="Two systems are called"):
        measure_speed(build(systems=[bench.systems[0]] * 2), tmp_path / "speed")
    (tmp_path / "speed").mkdir()
    (tmp_path / "speed/mine.txt").touch()
    with pytest.raises(ConfigError, match="speed"):
        measure_speed(bench, tmp_path / "speed")


def test_settings_are_timed_one_after_the_other_into_one_folder(build, tmp_path, monkeypatch):
    whole, drawn = Prior.sample, []

    def sample(self, num_images, seed, sampling, condition, first_image, mode):
        drawn.append((next(self.parameters()).dtype, mode, num_images))
        return whole(self, num_images, seed, sampling, condition, first_image, mode)

    monkeypatch.setattr(Prior, "sample", sample)
    settings = {"paper": {"mode": "reference"}, "fast": {"dtype": "bfloat16", "batch": [1]}}
    found = measure_speed(build(settings=settings), tmp_path / "speed")
    assert not found.failed
    assert list(dict.fromkeys(drawn)) == [
        (torch.float32, "reference", 2), (torch.bfloat16, "auto", 1),
    ]  # fmt: skip
    told = [
        tuple(record.settings[key] for key in ("setting", "batch", "dtype", "decoded_together"))
        for record in found.records
        if (record.metric, record.system) == ("sampling_images_per_s", RQ)
    ]
    assert told == [("paper", 2, "float32", 1), ("fast", 1, "bfloat16", 16)]
    assert len({record.protocol_hash for record in found.records}) == 2
    facts = json.loads((tmp_path / "speed/speed.json").read_text())
    assert [timing["setting"] for timing in facts["timings"]] == ["paper"] * 2 + ["fast"] * 2
    assert facts["took_s"] > 0
    assert not draw_report([tmp_path / "speed"]).failed
    table = (tmp_path / "speed/report/tables/sampling-speed.md").read_text()
    assert (
        "paper: device: cpu; dtype: float32; tf32: off; mode: reference; decoded together: 1."
        in table
    )


def test_what_did_not_fit_in_one_setting_is_tried_in_the_next(build, tmp_path, monkeypatch):
    whole = Prior.sample

    def sample(self, *rest, **more):
        if next(self.parameters()).dtype == torch.float32:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return whole(self, *rest, **more)

    monkeypatch.setattr(Prior, "sample", sample)
    settings = {"wide": {}, "narrow": {"dtype": "bfloat16"}}
    found = measure_speed(build(settings=settings), tmp_path / "speed")
    fits = [r.value for r in found.records if r.metric == "fits_memory"]
    assert fits == [0, 0, 1, 1]


def test_when_the_time_is_over_no_batch_size_is_begun_and_what_is_left_is_named(
    build, tmp_path, monkeypatch
):
    """Each batch size takes a minute of this clock, and there are two and a half."""
    now = [100.0]
    monkeypatch.setattr(measure, "time", SimpleNamespace(monotonic=lambda: now[0]))
    whole = measure.time_batch

    def time_batch(*given):
        now[0] += 60
        return whole(*given)

    monkeypatch.setattr(measure, "time_batch", time_batch)
    bench = build(
        systems=[build().systems[0].model_dump()], minutes=2.5, batch=[1, 2],
        settings={"one": {}, "two": {}},
    )  # fmt: skip
    found = measure_speed(bench, tmp_path / "speed")
    assert [(timing.setting.name, timing.batch) for timing in found.timings] == [
        ("one", 1), ("one", 2), ("two", 1),
    ]  # fmt: skip
    assert found.not_timed == ["two batch 2"]
    facts = json.loads((tmp_path / "speed/speed.json").read_text())
    assert (facts["not_timed"], facts["took_s"]) == (["two batch 2"], 180)
