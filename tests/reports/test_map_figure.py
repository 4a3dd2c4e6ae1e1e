"""Mirrors rqbench_reports/map_figure.py."""

import numpy as np
import pytest

from rqbench_reports.map_figure import Map, borders, draw_maps, scale


def shown(values, is_rate=True):
    return Map("a map", is_rate, np.array(values, dtype=float))


def test_a_scale_goes_from_nothing_to_all_but_a_hundredth():
    every = [shown([[[0.0, 1.0]]]), shown([[list(range(2, 101))]]), shown([[[1e6]]], False)]
    assert scale(every, True).get_clim() == (0, pytest.approx(99.0))
    assert scale([shown([[[0.0]]])], True).get_clim() == (0, 1)


def test_colours_tell_values_and_light_and_dark_the_picture():
    picture = np.zeros((1, 4, 4, 3), dtype=np.uint8)
    picture[:, :, 2:] = 255  # the right half is white
    maps = [shown([[[1.0], [0.0]]]), shown([[[0.0]]], False)]
    scales = {is_rate: scale(maps, is_rate) for is_rate in (True, False)}
    axes = draw_maps(picture, maps, scales, "a note").axes
    drawn = np.asarray(axes[1].get_images()[0].get_array())
    assert drawn.shape == (4, 4, 3)
    costly, free = scales[True].to_rgba([1.0, 0.0])[:, :3]
    assert drawn[0, :2] == pytest.approx(np.clip([costly - 0.175] * 2, 0, 1))
    assert drawn[3, :2] == pytest.approx(np.clip([free - 0.175] * 2, 0, 1))
    assert drawn[0, 2:] == pytest.approx(np.clip([costly + 0.175] * 2, 0, 1))


def test_borders_run_between_regions_of_different_grains():
    grains = np.array([[0, 1], [0, 0]])
    found = borders(grains, height=8, width=8, top=10)
    assert found.tolist() == [[[3.5, 9.5], [3.5, 13.5]], [[3.5, 13.5], [7.5, 13.5]]]
