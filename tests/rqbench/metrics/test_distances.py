"""Mirrors rqbench/metrics/distances.py."""

import pytest
import torch

from rqbench.metrics.distances import distances_for
from rqbench.metrics.distortion import ms_ssim, psnr_db
from rqbench.metrics.perceptual import find_perceptual


@pytest.mark.parametrize(
    ("side", "expected"),
    [
        (10, ["psnr_db"]),
        (11, ["psnr_db", "ssim"]),
        (24, ["psnr_db", "ssim", "st_lpips"]),
        (176, ["psnr_db", "ssim", "ms_ssim", "st_lpips"]),
    ],
)
def test_a_size_has_the_distances_that_can_be_measured_on_it(side, expected, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))  # so that it is ST-LPIPS
    found = distances_for(side, find_perceptual())
    assert list(found) == expected
    images = torch.rand(1, 3, side, side)
    for distance in found.values():
        assert distance(images, images.flip(0) * 0.5).shape == (1,)


def test_each_distance_stands_under_its_own_name():
    found = distances_for(200, find_perceptual())
    assert (found["psnr_db"], found["ms_ssim"]) == (psnr_db, ms_ssim)
