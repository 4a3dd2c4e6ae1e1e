"""Mirrors rqbench/uniforms.py."""

import torch

from rqbench.api import uniforms
from rqbench.uniforms import UniformRows

MASK = 2**64 - 1


def mixed(state: int) -> int:
    """SplitMix64's finalizer in Python integers."""
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & MASK
    return state ^ (state >> 31)


def expected(seed: int, image: int, ordinal: int) -> float:
    state = mixed(seed & MASK)
    for counter in (image, ordinal):
        state = mixed((state + (counter + 1) * 0x9E3779B97F4A7C15) & MASK)
    return (state >> 11) * 2.0**-53


def test_the_numbers_are_those_of_split_mix_in_python_integers():
    cases = [(0, 0, 0), (1, 2, 3), (-5, 10**9, 4095), (2**70 + 1, 0, 1), (2**63 - 1, 7, 0)]
    for seed, image, ordinal in cases:
        got = uniforms(seed, torch.tensor([image]), torch.tensor([ordinal]))
        assert got.item() == expected(seed, image, ordinal)


def test_the_finalizer_is_the_published_one():
    # the first output of SplitMix64 seeded with 0, from its reference implementation
    assert mixed(0x9E3779B97F4A7C15) == 0xE220A8397B1DCDAF


def test_the_numbers_are_uniform():
    u = uniforms(3, torch.arange(1000).repeat_interleave(100), torch.arange(100).repeat(1000))
    assert u.min() >= 0
    assert u.max() < 1
    assert abs(u.mean() - 1 / 2) < 4 / (12 * len(u)) ** 0.5
    assert abs(u.var() - 1 / 12) < 0.001
    assert len(u.unique()) == len(u)


def test_neighbours_in_any_argument_are_uncorrelated():
    image, ordinal = torch.arange(10000), torch.zeros(10000, dtype=torch.int64)
    u = uniforms(0, image, ordinal)
    for other in (
        uniforms(0, image + 1, ordinal),
        uniforms(0, image, ordinal + 1),
        uniforms(1, image, ordinal),
        uniforms(0, ordinal, image),
    ):
        assert abs(torch.corrcoef(torch.stack([u, other]))[0, 1]) < 0.04


def test_a_number_does_not_depend_on_its_row():
    image, ordinal = torch.arange(6), torch.arange(6) * 10
    rows = torch.tensor([4, 0])
    assert torch.equal(uniforms(9, image, ordinal)[rows], uniforms(9, image[rows], ordinal[rows]))


def test_rows_made_beforehand_hold_the_same_numbers_however_far_images_get(monkeypatch):
    monkeypatch.setattr("rqbench.uniforms.AT_ONCE", 4)
    rows, ordinal = UniformRows(5, 30, 3), torch.zeros(3, dtype=torch.int64)
    for call in range(11):
        image = torch.tensor([32, 30, 31])
        assert torch.equal(rows(image, ordinal), uniforms(5, image, ordinal))
        ordinal = ordinal + torch.tensor([1, call % 2, call < 5])
    assert ordinal.tolist() == [11, 5, 5]
