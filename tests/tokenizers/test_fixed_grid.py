"""Mirrors rqbench_tokenizers/fixed_grid.py."""

import pytest
import torch

from rqbench_tokenizers.conv_config import ConvConfig
from rqbench_tokenizers.fixed_grid import FixedGrid
from rqbench_tokenizers.rq import RQ
from rqbench_tokenizers.vq import VQ, VQConfig

IMAGES = torch.rand(2, 3, 16, 24, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize(("cls", "depth"), [(VQ, 1), (RQ, 2)])
def test_every_position_has_as_many_codes_as_there_are_codebooks(
    cls: type[VQ | RQ], depth: int
) -> None:
    tokenizer: FixedGrid = cls.tiny().eval()
    layout = tokenizer.layout(16)
    assert (layout.height, layout.width, layout.depth, layout.codebook_size) == (4, 4, depth, 8)
    assert tokenizer.encode(IMAGES).values.shape == (2, 4, 6, depth)
    assert len(tokenizer.codebook()) == depth


def test_a_prefix_decodes_to_the_sum_of_its_own_vectors() -> None:
    tokenizer = RQ.tiny().eval()
    codes = tokenizer.encode_prefix(IMAGES, 1)
    assert torch.equal(codes.values, tokenizer.encode(IMAGES).values[..., :1])
    expected = tokenizer.halves.decode(tokenizer.codebook()[0][codes.values[..., 0]])
    assert torch.equal(tokenizer.decode(codes), expected.clamp(0, 1))


def test_training_images_start_the_linear_path() -> None:
    conv = ConvConfig.tiny().model_copy(update={"shortcut": True})
    tokenizer = VQ(VQConfig(conv=conv, codebook_size=8))
    assert tokenizer.halves.shortcut is not None
    tokenizer.before_training(IMAGES)
    components = tokenizer.halves.shortcut.into.weight  # principal ones are orthonormal
    assert torch.allclose(components @ components.T, torch.eye(8), atol=1e-5)
