"""Mirrors rqbench/fidelity/enlarged.py."""

import numpy as np
import pytest
from PIL import Image

from rqbench.fidelity.enlarged import fine_share, fine_shares, is_doubled


def noise(side: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)


def enlarged(picture: np.ndarray, method: Image.Resampling) -> np.ndarray:
    side = 2 * len(picture)
    return np.asarray(Image.fromarray(picture).resize((side, side), method))


def test_white_noise_has_its_power_in_all_frequencies_alike():
    kept_down = 2 * 0.27  # of all frequencies along one axis those below the cut-off
    assert fine_share(noise(128)) == pytest.approx(1 - kept_down**2, abs=0.02)


@pytest.mark.parametrize("method", [Image.Resampling.BICUBIC, Image.Resampling.LANCZOS])
def test_enlargement_by_a_smooth_filter_leaves_little_fine_detail(method):
    assert fine_share(enlarged(noise(64), method)) < 0.25 * fine_share(noise(128))


def test_a_slow_wave_has_no_fine_detail_and_a_fast_one_nothing_else():
    across = np.arange(64)
    slow, fast = (
        np.repeat(
            (127 + 100 * np.cos(2 * np.pi * cycles * across))[None, :, None].round(), 64, axis=0
        )
        for cycles in (1 / 16, 0.45)
    )
    three = [np.repeat(wave, 3, axis=2).astype(np.uint8) for wave in (slow, fast)]
    assert fine_share(three[0]) < 1e-3
    assert fine_share(three[1]) > 0.999


def test_one_colour_has_no_share_and_is_left_out_as_is_what_is_too_small():
    flat, small = np.full((32, 32, 3), 9, dtype=np.uint8), noise(8)
    assert np.isnan(fine_share(flat))
    assert len(fine_shares([flat, small, noise(32)])) == 1


def test_each_pixel_twice_is_seen_and_neither_noise_nor_one_colour_is():
    assert is_doubled(enlarged(noise(32), Image.Resampling.NEAREST))
    assert not is_doubled(noise(64))
    assert not is_doubled(np.full((32, 32, 3), 9, dtype=np.uint8))
