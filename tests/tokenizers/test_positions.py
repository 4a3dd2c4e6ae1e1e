"""Mirrors rqbench_tokenizers/positions.py."""

import math
from typing import Literal

import pytest
import torch

from rqbench.api import ConfigError
from rqbench_tokenizers.conv_config import ConvConfig
from rqbench_tokenizers.dq_config import DQConfig
from rqbench_tokenizers.positions import FourierPositions, LearnedPositions, decoder_positions


def test_fourier_positions_are_sines_on_the_plane_from_minus_one_to_one() -> None:
    positions = FourierPositions(1)
    positions.conv.weight.data = torch.tensor([[[[2.0]], [[0.5]]]])  # 2 column + row / 2 + 1
    positions.conv.bias.data = torch.tensor([1.0])
    added = positions(torch.full((1, 1, 2, 3), 10.0))[0, 0] - 10
    phases = [[2 * c + r / 2 + 1 for c in (-1, 0, 1)] for r in (-1, 1)]
    expected = [[math.sin(phase) for phase in row] for row in phases]
    assert torch.allclose(added, torch.tensor(expected), atol=1e-5)


def test_fourier_weights_start_within_the_published_bound() -> None:
    largest = FourierPositions(500).conv.weight.abs().max().item()
    assert 2.1 < largest <= 2.1214


def test_learned_tables_start_normal_and_cut_off_at_two_as_published() -> None:
    positions = LearnedPositions(64, 100)
    for table in (positions.row_embed, positions.col_embed):
        assert 1.9 < table.abs().max() <= 2
        assert table.std().item() == pytest.approx(0.880, abs=0.02)  # of what lies within +-2
    assert LearnedPositions(64, 100, std=0.02).row_embed.std().item() == pytest.approx(
        0.02, rel=0.1
    )


def test_learned_positions_add_a_row_and_a_column() -> None:
    positions = LearnedPositions(2, 1)
    positions.row_embed.data = torch.tensor([[10.0], [20.0]])
    positions.col_embed.data = torch.tensor([[1.0], [2.0]])
    assert positions(torch.zeros(1, 1, 2, 2))[0, 0].tolist() == [[11, 12], [21, 22]]


def test_another_grid_is_refused_with_the_way_out() -> None:
    with pytest.raises(ConfigError, match="grid of 2x2 and got 4x4"):
        LearnedPositions(2, 1)(torch.zeros(1, 1, 4, 4))


@pytest.mark.parametrize(
    ("positions", "kinds"),
    [
        ("none", None),
        ("fourier", [FourierPositions]),
        ("fourier+learned", [FourierPositions, LearnedPositions]),
    ],
)
def test_a_decoder_has_the_positions_that_its_config_names(
    positions: Literal["none", "fourier", "fourier+learned"], kinds: list[type] | None
) -> None:
    config = DQConfig(conv=ConvConfig.tiny(), resolution=16, positions=positions)
    found = decoder_positions(config)
    assert (None if found is None else [type(each) for each in found]) == kinds


def test_sines_are_added_in_half_precision_too():
    hidden = torch.zeros(1, 4, 3, 3)
    sines = FourierPositions(4)
    expected = sines(hidden)
    found = sines.bfloat16()(hidden.bfloat16())
    assert found.dtype == torch.bfloat16
    assert torch.allclose(found.float(), expected, atol=0.05)
