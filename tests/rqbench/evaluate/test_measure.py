"""Mirrors rqbench/evaluate/measure.py."""

import math

import pytest
import torch

from rqbench.evaluate.measure import measure
from rqbench.metrics.perceptual import find_perceptual
from rqbench.plugins import find


def test_rate_and_distortion_are_those_worked_out_by_hand(shades):
    """51 of 255 is 0.2, which comes back as it is; 102 is 0.4, and comes back as 0.6."""
    pixels = torch.tensor([51, 102], dtype=torch.uint8).view(2, 1, 1, 1).expand(2, 3, 16, 16)
    found, codes = measure(shades.tokenizer, find_perceptual(), pixels, "cpu")
    assert found.values["rate_nominal_bpp"] == [4 / 256, 4 / 256]
    assert found.values["codes_per_image"] == [4, 4]
    assert found.values["psnr_db"][0] > 100  # 51 / 255 and 0.2 differ in the last bits
    assert found.values["psnr_db"][1] == pytest.approx(-10 * math.log10(0.04), abs=1e-4)
    assert found.values["ssim"][0] == pytest.approx(1)
    assert found.values.keys() == {"rate_nominal_bpp", "codes_per_image", "psnr_db", "ssim"}
    assert codes.values.flatten(1).tolist() == [[0] * 4, [1] * 4]
    assert found.counts.tolist() == [[[4, 4]]]
    assert found.reconstructions[:, 0, 0, 0].tolist() == [51, 153]


def test_dynamic_codes_tell_their_share_of_fine_regions():
    tokenizer = find("tokenizer", "dq").load().tiny().eval()
    pixels = torch.randint(256, (3, 3, 16, 16), dtype=torch.uint8)
    found, codes = measure(tokenizer, find_perceptual(), pixels, "cpu")
    share = codes.grain_map.double().mean(dim=(1, 2))
    assert found.values["fine_ratio"] == share.tolist()
    bits = codes.num_codes() * 3 + codes.layout.num_regions  # 8 vectors, two grains
    assert found.values["rate_nominal_bpp"] == pytest.approx((bits / 256).tolist())


def test_a_batch_of_wide_pictures_is_measured_per_pixel(shades):
    pixels = torch.zeros(1, 3, 16, 48, dtype=torch.uint8)
    found, _ = measure(shades.tokenizer, find_perceptual(), pixels, "cpu")
    assert found.values["rate_nominal_bpp"] == [12 / (16 * 48)]
