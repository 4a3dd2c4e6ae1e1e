"""Mirrors rqbench/data/batch.py."""

import pytest
import torch

from rqbench.data import HeldOut, to_bytes, to_float


def test_bytes_become_floats_from_zero_to_one():
    images = torch.tensor([0, 51, 255], dtype=torch.uint8).expand(1, 3, 1, 3)
    assert to_float(images)[0, 0, 0].tolist() == torch.tensor([0.0, 0.2, 1.0]).tolist()
    assert to_float(images).dtype == torch.float32


@pytest.mark.parametrize(
    ("count", "chosen"),
    [
        (2, [0, 4]),  # of the first crops of the three clusters, evenly spaced
        (3, [0, 1, 4]),
        (5, [0, 1, 2, 3, 4]),
        (6, [0, 1, 2, 3, 4, 5]),
        (9, [0, 1, 2, 3, 4, 5]),
        (0, []),
    ],
)
def test_crops_of_all_clusters_come_before_further_ones_of_the_same(count, chosen):
    images = torch.zeros(6, 3, 1, 1, dtype=torch.uint8)
    held_out = HeldOut(images, ("a", "b", "a", "b", "c", "b"), None)
    assert held_out.of_all_clusters(count).tolist() == chosen


def test_floats_become_the_nearest_byte_or_the_one_below():
    levels = torch.tensor([-0.5, 0.5, 1.49, 1.5, 254.6, 300.0]).view(-1, 1, 1, 1) / 255
    assert to_bytes(levels).flatten().tolist() == [0, 0, 1, 2, 255, 255]
    assert to_bytes(levels, truncate=True).flatten().tolist() == [0, 0, 1, 1, 254, 255]
    every = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16).expand(1, 3, 16, 16)
    assert torch.equal(to_bytes(to_float(every)), every)


def test_held_out_crops_to_show_are_evenly_spaced_and_no_more_than_there_are():
    held_out = HeldOut(torch.zeros(9, 3, 1, 1, dtype=torch.uint8), tuple("abcdefghi"), None)
    assert held_out.spread(3).tolist() == [0, 4, 8]
    assert held_out.spread(20).tolist() == list(range(9))
