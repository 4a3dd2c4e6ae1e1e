"""Mirrors rqbench/metrics/memorisation.py."""

import numpy as np
import pytest
import torch
from torch.overrides import TorchFunctionMode

from rqbench.metrics import memorisation
from rqbench.metrics.memorisation import (
    copies_share,
    nearer_share,
    nearest_codes,
    nearest_features,
)


class Largest(TorchFunctionMode):
    """The number of elements of the largest tensor that any function gives meanwhile."""

    numel = 0

    def __torch_function__(self, func, types, args=(), kwargs=None):
        found = func(*args, **(kwargs or {}))
        if isinstance(found, torch.Tensor):
            self.numel = max(self.numel, found.numel())
        return found


def cloud(count: int, seed: int, width: int = 16) -> torch.Tensor:
    return torch.randn(count, width, generator=torch.Generator().manual_seed(seed))


def test_the_nearest_crop_is_that_of_every_pair_compared_in_turn(monkeypatch):
    monkeypatch.setattr(memorisation, "_BLOCK", 7)  # so that blocks end in the middle
    images, crops = cloud(10, 1), cloud(30, 2)
    pairs = (images.double()[:, None] - crops.double()[None]).square().sum(dim=2).sqrt()
    found = nearest_features(images, crops)
    assert torch.equal(found.crops, pairs.argmin(dim=1))
    assert found.distances.tolist() == pytest.approx(pairs.min(dim=1).values.tolist(), rel=1e-12)


def test_a_copy_far_from_the_origin_has_distance_zero_and_a_near_copy_has_not():
    crops = cloud(20, 3) + 1000  # squares of a million: a product in single precision errs by 0.1
    images = crops[[4, 11]].clone()
    images[1, 0] += 0.001
    found = nearest_features(images, crops)
    assert found.crops.tolist() == [4, 11]
    assert found.distances[0] == 0
    assert float(found.distances[1]) == pytest.approx(float(images[1, 0]) - float(crops[11, 0]))


def test_the_first_of_equal_crops_is_named():
    crops = torch.tensor([[5.0], [1.0], [3.0], [1.0]])
    assert nearest_features(torch.tensor([[0.0], [2.0]]), crops).crops.tolist() == [1, 1]


def test_by_codes_the_nearest_crop_is_the_one_with_the_fewest_differences(monkeypatch):
    monkeypatch.setattr(memorisation, "_FEW", 2)
    monkeypatch.setattr(memorisation, "_BLOCK", 2)
    crops = torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8], [1, 2, 3, 9], [1, 2, 0, 4], [1, 2, 3, 9]])
    images = torch.tensor([[1, 2, 3, 9], [5, 6, 0, 0], [1, 2, 5, 5]])
    found = nearest_codes(images, crops)
    assert found.crops.tolist() == [2, 1, 0]  # the first of equals
    assert found.distances.tolist() == [0, 0.5, 0.5]


def test_by_codes_no_more_than_a_block_is_held_at_once():
    """Against every pair compared in one matrix; ties abound. What is allocated stays the same
    where there are four times as many crops."""
    source = torch.Generator().manual_seed(9)
    images, crops = (torch.randint(3, (n, 6), generator=source) for n in (40, 5000))
    differing = (images[:, None] != crops).sum(dim=2)
    found = nearest_codes(images, crops)
    assert torch.equal(found.crops, differing.argmin(dim=1))
    assert torch.equal(found.distances, differing.min(dim=1).values.double() / 6)
    largest = []
    for part in (crops[:1250], crops):
        with Largest() as seen:
            nearest_codes(images, part)
        largest.append(seen.numel)
    assert largest[0] == largest[1] == 16 * 1024 * 6


def test_the_share_counts_pairs_and_ties_half():
    samples, held_out = torch.tensor([1.0, 3.0]), torch.tensor([2.0, 3.0, 4.0])
    # 1 is nearer than all three; 3 is nearer than 4 and ties with 3
    found = nearer_share(samples, held_out, ["a", "b", "b"])
    assert found.value == pytest.approx((3 + 1.5) / 6)
    assert (found.n, found.num_clusters) == (2, 2)


def test_without_clusters_the_interval_is_delongs():
    """Placements by counting pairs one by one; their variances add."""
    samples, held_out = cloud(12, 7, 1)[:, 0], cloud(20, 8, 1)[:, 0] + 0.3
    wins = np.array([[float(theirs > ours) for theirs in held_out] for ours in samples])
    found = nearer_share(samples, held_out, [str(place) for place in range(20)])
    assert found.value == pytest.approx(wins.mean())
    variance = wins.mean(axis=1).var(ddof=1) / 12 + wins.mean(axis=0).var(ddof=1) / 20
    half = 2.200985 * np.sqrt(variance)  # Student's t, eleven degrees of freedom
    assert (found.low, found.high) == pytest.approx((wins.mean() - half, wins.mean() + half))


def test_samples_that_are_training_crops_are_all_nearer_and_all_copies():
    crops, held_out = cloud(300, 4), nearest_features(cloud(40, 5), cloud(300, 4))
    copies = nearest_features(crops[::10].clone(), crops)
    clusters = [str(place % 9) for place in range(40)]
    assert nearer_share(copies.distances, held_out.distances, clusters).value == 1
    assert copies_share(copies.distances, held_out.distances).value == 1


def test_new_images_are_as_near_as_held_out_ones_and_the_interval_says_so():
    """Photographs with a nearness of their own; samples drawn like new photographs. The interval
    holds the truth, one half, in about 95 of 100 seeded trials."""
    random = np.random.default_rng(6)
    held = 0
    values = []
    for _ in range(200):
        photo = random.normal(0, 1, 20).repeat(10)
        held_out = torch.from_numpy(photo + random.normal(0, 1, 200))
        samples = torch.from_numpy(random.normal(0, 2**0.5, 200))
        found = nearer_share(samples, held_out, [str(place // 10) for place in range(200)])
        values.append(found.value)
        held += found.low <= 0.5 <= found.high
    assert float(np.mean(values)) == pytest.approx(0.5, abs=0.02)
    assert 180 <= held <= 198


def test_half_copies_are_counted_with_wilsons_interval():
    samples = torch.tensor([0.0, 0.1, 5.0, 6.0])
    found = copies_share(samples, torch.tensor([1.0, 2.0]))
    assert found.value == 0.5
    assert (found.low, found.high) == pytest.approx((0.1500, 0.8500), abs=1e-4)  # 2 of 4


def test_one_photograph_gives_no_interval():
    found = nearer_share(torch.tensor([1.0, 2.0]), torch.tensor([1.5, 3.0]), ["a", "a"])
    assert found.value == 0.75
    assert np.isinf(found.low)
