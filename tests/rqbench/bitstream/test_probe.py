"""Mirrors rqbench/bitstream/probe.py."""

import torch

from rqbench.bitstream.probe import arithmetic_digest, made_up

CPU = torch.device("cpu")


def test_made_up_numbers_are_whole_ones_divided_once():
    expected = [n * 7919 % 1009 / 1009 - 0.5 for n in range(3)]
    assert torch.allclose(made_up(CPU, 3), torch.tensor(expected))
    assert made_up(CPU, 2, 5).shape == (2, 5)
    assert float(made_up(CPU, 5000).abs().max()) <= 0.5


def test_the_same_arithmetic_has_the_same_digest():
    assert arithmetic_digest(CPU, 3) == arithmetic_digest(CPU, 3)


def test_one_other_bit_gives_another_digest(monkeypatch):
    before = arithmetic_digest(CPU, 3)
    gelu = torch.nn.functional.gelu

    def almost(stream):
        result = gelu(stream)
        result[-1, -1] = result[-1, -1].nextafter(torch.tensor(9.0))
        return result

    monkeypatch.setattr(torch.nn.functional, "gelu", almost)
    assert arithmetic_digest(CPU, 3) != before
