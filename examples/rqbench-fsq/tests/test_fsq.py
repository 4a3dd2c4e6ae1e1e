"""What FSQ promises beyond the contract that every tokenizer keeps."""

import pytest
import torch
from rqbench_fsq import FSQ, FSQConfig

from rqbench.api import Codes, ConfigError, parse_config
from rqbench.metrics.flops import count_codebook_values
from rqbench_tokenizers.conv_config import ConvConfig

PLAIN = FSQConfig(conv=ConvConfig.tiny().model_copy(update={"embedding": 2}), levels=(4, 3))


def test_codes_count_the_points_of_the_grid_first_level_fastest() -> None:
    # as wide as it has levels, so no map stands between latents and grid
    (points,) = FSQ(PLAIN).codebook()
    first, second = [-1, -0.5, 0, 0.5], [-1, 0, 1]
    assert points.tolist() == [[x, y] for y in second for x in first]


def test_large_latents_get_the_corners_of_the_grid() -> None:
    latents = torch.tensor([[-9.0, -9.0], [9.0, -9.0], [-9.0, 9.0], [9.0, 9.0]])
    codes, vectors = FSQ(PLAIN)._round(latents.view(1, 2, 2, 2))
    assert codes.values.flatten().tolist() == [0, 3, 8, 11]
    assert vectors.view(4, 2).tolist() == [[-1, -1], [0.5, -1], [-1, 1], [0.5, 1]]


def test_the_decoder_trains_on_the_vectors_that_it_will_decode() -> None:
    fsq, images = FSQ.tiny().eval(), torch.rand(2, 3, 16, 24)
    output = fsq(images)
    torch.testing.assert_close(fsq.decode(output.codes), output.reconstructions.clamp(0, 1))


def test_the_gradient_passes_the_rounding_to_the_encoder() -> None:
    fsq = FSQ.tiny()
    fsq(torch.rand(1, 3, 16, 16)).reconstructions.square().sum().backward()
    gradient = fsq.halves.encoder.quant_conv.weight.grad
    assert gradient is not None
    assert gradient.abs().max() > 0


def test_half_precision_around_it_moves_no_code() -> None:
    fsq, latents = FSQ.tiny(), torch.randn(1, 32, 32, 8)
    expected = fsq._round(latents)[0].values
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(fsq._round(latents)[0].values, expected)


def test_every_code_can_be_decoded() -> None:
    fsq = FSQ.tiny()
    values = torch.arange(12).view(1, 3, 4, 1)
    codes = Codes(values, fsq._round(torch.zeros(1, 3, 4, 8))[0].layout)
    assert fsq.decode(codes).shape == (1, 3, 12, 16)


def test_its_codebook_is_computed_and_so_not_counted_as_stored() -> None:
    assert count_codebook_values(FSQ.tiny()) == 0


def test_two_levels_are_refused_because_the_library_cannot_round_to_them() -> None:
    with pytest.raises(ConfigError, match=r"fsq\.levels\.1: .*greater than or equal to 3"):
        parse_config(FSQConfig, {"levels": [8, 2]}, "fsq")
