"""Mirrors rqbench/symbol_nats.py."""

import math

import torch

from rqbench.api import Step
from rqbench.symbol_nats import SymbolNats, replay

LEGAL = torch.tensor([[True, True, False]])


def test_bits_of_the_map_and_of_codes_are_told_apart():
    nats = torch.tensor([[1.0, 2.0, 4.0], [8.0, 16.0, 0.0]])
    found = SymbolNats(nats, torch.tensor([[True, False, True], [False, False, False]]))
    assert found.side().tolist() == [5.0, 0.0]
    assert found.content().tolist() == [2.0, 24.0]


def test_symbols_are_replayed_and_priced_among_the_legal_ones():
    """Image 0 draws a position and a code, image 1 nothing but a code."""
    symbols, seen = torch.tensor([[1, 0], [2, -1]]), []

    def generate(choose):
        one, both = torch.tensor([0]), torch.tensor([0, 1])
        named = Step("position", 0, LEGAL, one, torch.zeros_like(one))
        seen.append(choose(torch.zeros(1, 3), named).tolist())
        every = torch.ones(2, 3, dtype=torch.bool)
        codes = Step("content", 0, every, both, torch.tensor([1, 0]))
        logits = torch.tensor([[0.0, 0.0, 0.0], [0.0, 0.0, math.log(2)]])
        seen.append(choose(logits, codes).tolist())

    found = replay(generate, symbols)
    assert seen == [[1], [0, 2]]
    expected = torch.tensor([[2.0, 3.0], [2.0, 1.0]]).log().double()  # 1/2, 1/3 and 2/4
    torch.testing.assert_close(found.nats, expected)
    assert found.is_side.tolist() == [[True, False], [False, False]]
    assert found.cell is None
