"""Mirrors rqbench/metrics/to_pixels.py."""

import pytest
import torch

from rqbench.metrics.to_pixels import to_pixels


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("round", [0, 101, 101, 255]), ("truncate", [0, 100, 101, 255])],
)
def test_floats_are_rounded_or_cut_down(rule, expected):
    images = torch.tensor([-1.0, 100.6 / 255, 101.4 / 255, 2.0]).expand(1, 3, 1, 4)
    pixels = to_pixels(images, rule)
    assert pixels.dtype == torch.uint8
    assert pixels[0, 0, 0].tolist() == expected


def test_floats_may_stay_as_they_are():
    images = torch.tensor([-1.0, 100.6 / 255]).expand(1, 3, 1, 2)
    torch.testing.assert_close(to_pixels(images, "float")[0, 0, 0], torch.tensor([0, 100.6]))
