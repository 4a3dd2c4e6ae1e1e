"""Mirrors rqbench/metrics/normalisers.py."""

import pytest
import torch

from rqbench.metrics.normalisers import NORMALISERS, normaliser

ENDS = {
    "(x-128)/128": (-1, 0.9921875), "2x/255-1": (-1, 1), "(x-127)/128": (-0.9921875, 1),
    "network": (0, 255), "bgr(x)-(104,117,124)": (-103.939, 151.061),
}  # fmt: skip


def test_each_is_tried():
    assert set(ENDS) == set(NORMALISERS)


@pytest.mark.parametrize("name", NORMALISERS)
def test_black_and_white_become_what_the_name_says(name):
    ends = torch.tensor([0.0, 255.0]).expand(1, 3, 1, 2)
    torch.testing.assert_close(normaliser(name)(ends)[0, 0, 0], torch.tensor(ENDS[name]).float())


def test_caffes_networks_see_blue_first():
    red = torch.tensor([255.0, 0, 0]).view(1, 3, 1, 1)
    seen = normaliser("bgr(x)-(104,117,124)")(red).flatten()
    torch.testing.assert_close(seen, torch.tensor([-103.939, -116.779, 255 - 123.68]))
