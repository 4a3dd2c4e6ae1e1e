"""Mirrors rqbench_tokenizers/shortcut.py."""

import torch

from rqbench_tokenizers.shortcut import Shortcut


def test_with_as_many_components_as_values_nothing_is_lost():
    images = torch.rand(8, 3, 8, 8)
    shortcut = Shortcut(side=2, embedding=12)  # 3 * 2 * 2 values a patch
    shortcut.start(images)
    restored = shortcut.decode(shortcut.encode(images))
    assert torch.allclose(restored, 2 * images - 1, atol=1e-5)


def test_the_start_errs_as_little_as_any_linear_map_of_its_width():
    """Independent: the singular values that are left out are the error (Eckart and Young 1936)."""
    images = torch.rand(16, 3, 8, 8)
    shortcut = Shortcut(side=4, embedding=5)
    shortcut.start(images)
    error = (shortcut.decode(shortcut.encode(images)) - (2 * images - 1)).square().sum()
    patches = torch.nn.functional.unfold(2 * images - 1, kernel_size=4, stride=4)
    patches = patches.transpose(1, 2).flatten(0, 1)
    left_out = torch.linalg.svdvals(patches - patches.mean(dim=0))[5:].square().sum()
    assert torch.allclose(error, left_out, rtol=1e-4)


def test_a_patch_of_one_colour_has_the_same_vector_whatever_its_size():
    """All images are of one colour, so colour is all that the components tell."""
    images = torch.rand(32, 3, 1, 1).expand(-1, -1, 8, 8)
    small, large = Shortcut(side=2, embedding=3), Shortcut(side=4, embedding=3)
    small.start(images)
    large.start(images)
    assert torch.allclose(small.encode(images)[:, 0, 0], large.encode(images)[:, 0, 0], atol=1e-5)


def test_more_components_than_values_stay_silent():
    images = torch.rand(4, 3, 4, 4)
    shortcut = Shortcut(side=1, embedding=5)
    shortcut.start(images)
    assert (shortcut.encode(images)[..., 3:] == 0).all()
    assert torch.allclose(shortcut.decode(shortcut.encode(images)), 2 * images - 1, atol=1e-5)
