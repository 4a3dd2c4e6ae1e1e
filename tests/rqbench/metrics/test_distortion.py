"""Mirrors rqbench/metrics/distortion.py."""

import math

import pytest
import torch
from skimage.metrics import structural_similarity

from rqbench.errors import UnsupportedError
from rqbench.metrics.distortion import ms_ssim, psnr_db, ssim


def test_psnr_of_a_uniform_error_is_minus_twenty_log_ten_of_it():
    images = torch.full((2, 3, 4, 4), 0.5)
    reconstructions = images + torch.tensor([0.1, 0.01]).view(2, 1, 1, 1)
    assert psnr_db(images, reconstructions).tolist() == pytest.approx([20.0, 40.0], abs=1e-4)


def test_identical_images_have_infinite_psnr_and_full_similarity():
    images = torch.rand(1, 3, 16, 16)
    assert psnr_db(images, images).item() == math.inf
    assert ssim(images, images).item() == pytest.approx(1.0)


def test_ssim_equals_that_of_scikit_image_where_the_window_fits():
    images = torch.rand(2, 3, 20, 24)
    reconstructions = (images + 0.1 * torch.randn_like(images)).clamp(0, 1)
    found = ssim(images, reconstructions)
    for index in range(2):
        first, second = images[index].double().numpy(), reconstructions[index].double().numpy()
        _, local = structural_similarity(
            first, second, channel_axis=0, data_range=1.0, full=True,
            gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
        )  # fmt: skip
        expected = local[:, 5:-5, 5:-5].mean()
        assert found[index].item() == pytest.approx(expected, abs=1e-6)


def test_the_measures_of_an_image_do_not_depend_on_its_batch():
    images, reconstructions = torch.rand(2, 3, 3, 32, 32).unbind()
    for measure in (psnr_db, ssim):
        together = measure(images, reconstructions)
        alone = measure(images[1:2], reconstructions[1:2])
        torch.testing.assert_close(together[1:2], alone, rtol=1e-12, atol=0)


def test_ms_ssim_falls_with_noise():
    images = torch.rand(1, 3, 176, 176)
    noise = torch.randn_like(images)
    scores = [ms_ssim(images, images + level * noise).item() for level in (0.0, 0.1, 0.5)]
    assert scores[0] == pytest.approx(1.0)
    assert scores[0] > scores[1] > scores[2]


@pytest.mark.parametrize(("measure", "side"), [(ssim, 10), (ms_ssim, 175)])
def test_images_smaller_than_the_window_are_refused_by_size(measure, side):
    images = torch.zeros(1, 3, side, 200)
    with pytest.raises(UnsupportedError, match=f"at least {side + 1} pixels"):
        measure(images, images)
