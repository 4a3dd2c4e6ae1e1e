"""Mirrors rqbench/cli/speed.py."""

import json

import pytest

from rqbench.prior import Prior
from rqbench.speed import device_rates

BENCH = """
systems:
  - name: vq-4x4
    resolution: 8
    tokenizer:
      type: vq
      config: {codebook_size: 8, conv: {channels: 16, multipliers: [1, 1], num_res_blocks: 1,
               mid_attention: false, embedding: 8}}
    prior: {type: raster, config: {layers: 1, width: 16, heads: 2}}
batch: [1]
"""


@pytest.fixture(autouse=True)
def a_glance_at_the_device(monkeypatch):
    monkeypatch.setattr(device_rates, "TRY_S", 0.0)
    monkeypatch.setattr(device_rates, "TRIES", 1)


@pytest.fixture
def bench(tmp_path):
    path = tmp_path / "bench.yaml"
    path.write_text(BENCH)
    return path


def test_a_bench_is_timed_changed_by_options_and_told(rqbench, bench, tmp_path):
    ended = rqbench(
        "speed", "--preset", bench, "--batch", "1,2", "--repeats", 5, "--device", "cpu", "--out",
        tmp_path / "speed", "--json",
    )  # fmt: skip
    assert ended.status == 0, ended.err
    told = json.loads(ended.out)
    speeds = [r for r in told["records"] if r["metric"] == "sampling_images_per_s"]
    assert [(r["settings"]["batch"], len(r["raw"])) for r in speeds] == [(1, 5), (2, 5)]
    assert told["failed_audits"] == {}
    assert (tmp_path / "speed/report/README.md").is_file()


def test_options_hold_in_all_settings_and_one_of_them_can_be_taken(rqbench, bench, tmp_path):
    settings = "settings:\n  slow: {mode: reference, repeats: 6}\n  fast: {batch: [1, 2]}\n"
    bench.write_text(BENCH + settings)
    slow, fast = "slow (batch 3, repeats 5)", "fast (batch 3, repeats 5)"
    for taken, told in (((), [slow, fast]), (("--setting", "fast"), [fast])):
        out = tmp_path / f"speed{len(taken)}"
        ended = rqbench(
            "speed", "--preset", bench, "--batch", "3", "--repeats", 5, "--device", "cpu", "--out",
            out, "--json", *taken,
        )  # fmt: skip
        assert ended.status == 0, ended.err
        records = json.loads(ended.out)["records"]
        speeds = [r for r in records if r["metric"] == "sampling_images_per_s"]
        assert [r["settings"]["setting"] for r in speeds] == told
        assert {(r["settings"]["batch"], r["n"]) for r in speeds} == {(3, 5)}


SECOND = """
  - name: vq-2x2
    resolution: 4
    tokenizer:
      type: vq
      config: {codebook_size: 8, conv: {channels: 16, multipliers: [1, 1], num_res_blocks: 1,
               mid_attention: false, embedding: 8}}
    prior: {type: raster, config: {layers: 1, width: 16, heads: 2}}
batch: [1]
"""


def test_systems_are_chosen_and_compared_with_a_baseline(rqbench, bench, tmp_path):
    bench.write_text(BENCH.replace("\nbatch: [1]\n", SECOND))
    asked = "speed", "--preset", bench, "--repeats", 5, "--device", "cpu"
    compared = rqbench(*asked, "--baseline", "vq-2x2 + raster", "--out", tmp_path / "both")
    assert compared.status == 0, compared.err
    assert "Speed-up: over vq-2x2 + raster, " in compared.out
    alone = rqbench(*asked, "--system", "vq-2x2 + raster", "--out", tmp_path / "one", "--json")
    assert {one["system"] for one in json.loads(alone.out)["records"]} == {"vq-2x2 + raster"}
    wrong = rqbench(*asked, "--system", "vq-2x + raster", "--out", tmp_path / "none")
    assert wrong.status == 2
    assert "Did you mean 'vq-2x2 + raster'?" in wrong.err


def test_a_failed_audit_ends_with_1_and_says_what_was_wrong(rqbench, bench, tmp_path, monkeypatch):
    whole = Prior.sample

    def other_images(self, num_images, seed, *rest, **more):
        return whole(self, num_images, seed + 1, *rest, **more)

    monkeypatch.setattr(Prior, "sample", other_images)
    ended = rqbench("speed", "--preset", bench, "--device", "cpu", "--out", tmp_path / "speed")
    assert ended.status == 1
    assert "audit failed" in ended.out
    assert "not those that their uniform numbers demand" in " ".join(ended.err.split())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "systems"),
        (("no-such-preset",), "'no-such-preset'"),
        (("x", "--batch", "1,many"), "batch.1"),
        (("x", "--repeats", "2"), "5"),
        (("x", "--mode", "fast"), "'auto', 'reference'"),
        (("x", "--setting", "fast"), "no setting 'fast'"),
        (("x", "--largest"), "on CUDA only"),
    ],
)
def test_what_cannot_be_timed_ends_with_2(rqbench, tmp_path, options, said):
    ended = rqbench("speed", *options, "--device", "cpu", "--out", tmp_path / "speed")
    assert ended.status == 2
    assert said in ended.err
    assert not (tmp_path / "speed").exists()
