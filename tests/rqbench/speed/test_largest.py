"""Mirrors rqbench/speed/largest.py, on a device that takes a number of images that we choose."""

import pytest
import torch
from torch import nn

from rqbench.errors import UnsupportedError
from rqbench.prior import Prior
from rqbench.speed import measure_speed
from rqbench.speed.largest import alone, check_can_end, find_largest, search
from rqbench.speed.systems import load_systems


def searched(limit: int, start: int, cap: int = 2**16) -> tuple[int, int | None, list[int]]:
    """What is found where `limit` images fit, and all batches that were tried for it."""
    tried: list[int] = []

    def fits(batch: int) -> bool:
        tried.append(batch)
        return batch <= limit

    return *search(fits, start, cap), tried


def test_batches_double_until_one_does_not_fit_and_halve_what_lies_between():
    assert searched(700, 500) == (687, 750, [500, 1000, 750, 625, 687])


def test_a_start_that_does_not_fit_is_halved_too():
    assert searched(11, 100) == (11, 12, [100, 50, 25, 12, 6, 9, 10, 11])
    assert searched(0, 4) == (0, 1, [4, 2, 1])


def test_at_the_cap_nothing_larger_is_tried():
    assert searched(10**9, 3, cap=20) == (20, None, [3, 6, 12, 20])


@pytest.mark.parametrize("limit", [1, 7, 64, 999, 5000])
@pytest.mark.parametrize("start", [1, 100])
def test_what_is_found_fits_and_an_eighth_more_does_not(limit, start):
    found, too_large, tried = searched(limit, start)
    assert found <= limit < too_large
    assert too_large - found <= max(1, found / 8)
    assert len(tried) == len(set(tried))


def test_each_system_is_tried_alone_and_what_ended_it_is_kept(build, monkeypatch):
    whole, moved = Prior.sample, []

    def sample(self, num_images, *rest, **more):
        if type(self).__name__ == "Raster" and num_images > 5:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        if num_images > 9:
            raise RuntimeError("CUDA error: invalid configuration argument")
        return whole(self, num_images, *rest, **more)

    def to(self, *given):
        moved.append((type(self).__name__, *given))
        return self

    bench = build()
    systems = load_systems(bench, "cpu")
    monkeypatch.setattr(Prior, "sample", sample)
    monkeypatch.setattr(nn.Module, "to", to)
    found = find_largest(bench.passes[0], systems, "cpu", lambda said: None)
    assert [(one.batch, one.too_large, one.said) for one in found] == [
        (5, 6, "CUDA out of memory."), (9, 10, "CUDA error: invalid configuration argument"),
    ]  # fmt: skip
    monkeypatch.undo()


def test_the_others_leave_the_device_and_come_back(build, monkeypatch):
    moved = []
    first, second = load_systems(build(), "cpu")
    monkeypatch.setattr(nn.Module, "to", lambda self, where: moved.append((self, where)))
    with pytest.raises(ZeroDivisionError), alone(first, [first, second], "cuda"):
        assert moved == [(second.tokenizer, "cpu"), (second.prior, "cpu")]
        _ = 1 / 0
    assert moved[2:] == [(second.tokenizer, "cuda"), (second.prior, "cuda")]


def test_on_a_cpu_it_is_refused_before_anything_is_timed(build, tmp_path):
    check_can_end("cuda:1")
    with pytest.raises(UnsupportedError, match="on CUDA only"):
        measure_speed(build(settings={"x": {"largest": True}}), tmp_path / "speed")
    assert not (tmp_path / "speed").exists()
