"""Mirrors rqbench/fidelity/pairs.py."""

import numpy as np

from rqbench.fidelity.pairs import look_paired


def photos(count: int, seed: int) -> list[np.ndarray]:
    """Smooth pictures of 32 x 40, each of its own colours."""
    coarse = np.random.default_rng(seed).integers(0, 256, (count, 4, 4, 3), dtype=np.uint8)
    return list(coarse.repeat(8, axis=1).repeat(10, axis=2))


def test_noisy_copies_are_paired_and_the_same_in_another_order_are_not():
    originals = photos(12, seed=0)
    noise = np.random.default_rng(1).normal(0, 20, (12, 32, 40, 3))
    copies = list(np.clip(np.stack(originals) + noise, 0, 255).astype(np.uint8))
    assert look_paired(originals, copies)
    assert not look_paired(originals, copies[3:] + copies[:3])


def test_other_pictures_are_not_paired():
    assert not look_paired(photos(12, seed=0), photos(12, seed=1))


def test_unequal_counts_and_few_pictures_are_not_paired():
    originals = photos(12, seed=0)
    assert not look_paired(originals, originals[1:])
    assert not look_paired(originals[:2], originals[:2])


def test_the_two_sets_may_have_other_sizes():
    originals = photos(12, seed=0)
    assert look_paired(originals, [picture[::2, ::2] for picture in originals])
