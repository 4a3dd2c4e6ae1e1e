"""Packed weights; mirrors rqbench_priors/decoding/packing.py."""

import gc

import pytest
import torch
from torch import nn

from rqbench_priors.decoding import packing
from rqbench_priors.decoding.packing import Form, bytes_kept, packed

TILED = Form(2.0, 3)


def weight() -> nn.Parameter:
    return nn.Parameter(torch.randn(7, 4))


def test_tiles_side_by_side_are_the_weight_turned_and_scaled():
    given = weight()
    tiles = packed(given, TILED)
    assert [tile.shape[1] for tile in tiles] == [3, 3, 1]
    assert torch.equal(torch.cat(tiles, dim=1), 2 * given.t())


def test_a_weight_as_it_lies_is_not_copied():
    given = weight()
    (tile,) = packed(given, Form(1.0, None))
    assert tile.data_ptr() == given.data_ptr()


def test_a_copy_is_made_once_of_each_part_and_form():
    given = weight()
    with torch.no_grad():
        first = packed(given[:4], TILED)
        assert packed(given[:4], TILED)[0] is first[0]
        assert packed(given[4:], TILED)[0] is not first[0]
        assert packed(given[:4], Form(1.0, 3))[0] is not first[0]


def add(given: nn.Parameter) -> None:
    with torch.no_grad():
        given[0, 0] += 1


def add_past_autograd(given: nn.Parameter) -> None:
    given.data[0, 0] += 1


def swap_past_autograd(given: nn.Parameter) -> None:
    given.data[[0, 1]] = given.data[[1, 0]]


def replace(given: nn.Parameter) -> None:
    given.data = torch.randn(7, 4)


def flip_the_last_bit(given: nn.Parameter) -> None:
    given.data.view(torch.int32)[3, 2] ^= 1


@pytest.mark.parametrize(
    "change", [add, add_past_autograd, swap_past_autograd, replace, flip_the_last_bit]
)
def test_a_weight_that_has_changed_is_packed_again(change):
    given = weight()
    packed(given, TILED)
    change(given)
    assert torch.equal(torch.cat(packed(given, TILED), dim=1), 2 * given.t())


def test_a_weight_in_another_precision_is_packed_again():
    given = weight()
    packed(given, TILED)
    given.data = given.data.bfloat16()
    assert packed(given, TILED)[0].dtype == torch.bfloat16


def test_copies_go_with_their_weight():
    before, given = bytes_kept(), weight()
    packed(given, TILED)
    assert bytes_kept() == before + 7 * 4 * 4
    del given
    gc.collect()
    assert bytes_kept() == before


def test_more_than_the_most_is_not_kept(monkeypatch):
    given = weight()
    monkeypatch.setattr(packing, "MOST_KEPT", bytes_kept() + 7 * 4 * 4 - 1)
    before = bytes_kept()
    assert torch.equal(torch.cat(packed(given, TILED), dim=1), 2 * given.t())
    assert bytes_kept() == before


def test_weights_made_in_inference_mode_are_packed_each_time():
    with torch.inference_mode():
        given = torch.randn(7, 4)
        assert packed(given, TILED)[0] is not packed(given, TILED)[0]
