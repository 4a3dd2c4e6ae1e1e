"""Mirrors rqbench_tokenizers/grain_shortcuts.py."""

import torch

from rqbench.api import CodeLayout
from rqbench_tokenizers.grain_shortcuts import GrainShortcuts

LAYOUT = CodeLayout(4, 8, 1, 8, grain_sizes=(4, 2, 1))  # two regions; images of 8x16 pixels
MAP = torch.tensor([[[1, 2]]])


def paths() -> GrainShortcuts:
    torch.manual_seed(0)
    return GrainShortcuts((8, 4, 2), embedding=3)


def test_each_region_enters_and_leaves_by_the_path_of_its_grain() -> None:
    both, images = paths(), torch.rand(1, 3, 8, 16)
    latents = both.encode(images, MAP, LAYOUT)
    assert latents.shape == (1, 3, 4, 8)
    _, median, fine = both.paths
    one_of_median = median.encode(images)[0, 1, 1]  # the lower right of the left region's four
    assert torch.equal(latents[0, :, 2:, 2:4], one_of_median[:, None, None].expand(-1, 2, 2))
    assert torch.equal(latents[0, :, 3, 7], fine.encode(images)[0, 3, 7])

    vectors = torch.rand(1, 4, 8, 3)
    decoded = both.decode(vectors, MAP, LAYOUT)
    assert torch.equal(decoded[..., :8], median.decode(vectors[:, ::2, ::2])[..., :8])
    assert torch.equal(decoded[..., 8:], fine.decode(vectors)[..., 8:])


def test_every_path_starts_from_patches_of_its_own_side() -> None:
    both, images = paths(), torch.rand(4, 3, 8, 16)
    both.start(images)
    for path in both.paths:
        alone = type(path)(path.side, 3)
        alone.start(images)
        assert torch.equal(path.into.weight[:3], alone.into.weight[:3])
