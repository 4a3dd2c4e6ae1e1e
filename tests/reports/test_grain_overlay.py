"""Mirrors rqbench_reports/grain_overlay.py."""

import numpy as np

from rqbench_reports.grain_overlay import FINE_TINT, MEDIAN_TINT, OUTLINE, STRENGTH, overlay, spread


def test_each_region_covers_its_own_pixels():
    grains = spread(np.array([[[0, 1], [2, 0]]]), 4, 4)
    assert grains[0].tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 0, 0], [2, 2, 0, 0]]


def test_fine_regions_are_tinted_and_coarse_ones_keep_their_colours():
    black = np.zeros((1, 8, 8, 3), dtype=np.uint8)
    drawn = overlay(black, np.array([[[0, 1], [0, 1]]]), 2)
    assert (drawn[0, :, :3] == 0).all()
    assert (drawn[0, :, 4:] == np.round(FINE_TINT * STRENGTH).astype(np.uint8)).all()
    assert (drawn[0, :, 3] == OUTLINE).all()  # where the grain changes


def test_three_grains_are_bare_blue_and_orange():
    black = np.zeros((1, 4, 12, 3), dtype=np.uint8)
    drawn = overlay(black, np.array([[[0, 1, 2]]]), 3)
    assert (drawn[0, :, :3] == 0).all()
    assert (drawn[0, :, 4:7] == np.round(MEDIAN_TINT * STRENGTH).astype(np.uint8)).all()
    assert (drawn[0, :, 8:] == np.round(FINE_TINT * STRENGTH).astype(np.uint8)).all()


def test_a_middle_grain_is_blue_where_no_image_has_the_finest():
    black = np.zeros((1, 4, 8, 3), dtype=np.uint8)
    drawn = overlay(black, np.array([[[0, 1]]]), 3)
    assert (drawn[0, :, 4:] == np.round(MEDIAN_TINT * STRENGTH).astype(np.uint8)).all()


def test_a_map_of_coarse_regions_changes_nothing():
    images = np.full((1, 4, 4, 3), 77, dtype=np.uint8)
    assert (overlay(images, np.zeros((1, 2, 2), dtype=np.int64), 2) == images).all()
