"""Mirrors rqbench_priors/decoding/placed.py."""

import pytest
import torch

from rqbench.api import CodeLayout
from rqbench_priors.decoding.placed import PlacedInputs
from rqbench_priors.embedding import CodeEmbedding

LAYOUT = CodeLayout(2, 2, 1, 4, (2, 1))  # 5 places


@pytest.mark.parametrize("inputs", ["learned", "codebook"])
@torch.no_grad()
def test_a_code_enters_as_the_sum_of_what_it_is_where_it_stands_and_when(inputs):
    codes = CodeEmbedding(LAYOUT, 3, inputs, torch.randn(1, 4, 2))
    spots, slots = torch.randn(5, 3), torch.randn(4, 3)
    symbols, places = torch.tensor([3, 0, 3]), torch.tensor([4, 4, 1])
    got = PlacedInputs(codes, spots, slots, rows=5).at(symbols, places, slot=2)
    vectors = codes.table[0][symbols]
    if codes.project is not None:
        vectors = codes.project(vectors)
    torch.testing.assert_close(got, vectors + spots[places] + slots[2])
