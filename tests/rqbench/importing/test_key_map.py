"""Mirrors rqbench/importing/key_map.py."""

import pytest
import torch

from rqbench.errors import CheckpointError
from rqbench.importing.key_map import (
    Dropped,
    KeyMap,
    constant,
    copies,
    implied,
    rows,
    same,
    split_dropped,
    stacked,
    with_shape,
)  # fmt: skip

MAP = KeyMap(
    (
        same("plain", "a"),
        with_shape("flat", "b", 1, -1),
        stacked("whole", ("c.0", "c.1")),
        rows(("book", "padding"), "d"),
        copies("shared", ("e.0", "e.1")),
        implied("mask", lambda: torch.ones(2, 2).tril(), "a mask"),
        constant("ready", lambda: torch.tensor(True)),
    )
)
OURS = {
    "plain": torch.tensor([1.0, 2.0]),
    "flat": torch.tensor([3.0, 4.0]),
    "whole": torch.tensor([[5.0], [6.0]]),
    "book": torch.tensor([[7.0], [8.0]]),
    "padding": torch.tensor([[9.0]]),
    "shared": torch.tensor([10.0]),
    "ready": torch.tensor(True),
}
THEIRS = {
    "a": torch.tensor([1.0, 2.0]),
    "b": torch.tensor([[3.0, 4.0]]),
    "c.0": torch.tensor([[5.0]]),
    "c.1": torch.tensor([[6.0]]),
    "d": torch.tensor([[7.0], [8.0], [9.0]]),
    "e.0": torch.tensor([10.0]),
    "e.1": torch.tensor([10.0]),
    "mask": torch.ones(2, 2).tril(),
}


def equal(one, two):
    return one.keys() == two.keys() and all(torch.equal(one[key], two[key]) for key in one)


def test_one_list_of_ties_reads_and_writes():
    assert equal(MAP.translate(THEIRS, OURS), OURS)
    assert equal(MAP.export(OURS), THEIRS)


def test_shapes_and_types_of_ours_are_all_that_reading_needs():
    meta = {key: value.to("meta") for key, value in OURS.items()}
    half = {key: value.half() for key, value in THEIRS.items()}
    found = MAP.translate(half, meta)
    assert equal(found, OURS)
    assert found["plain"].dtype == torch.float32


@pytest.mark.parametrize("key", THEIRS)
def test_a_key_that_is_lost_renamed_or_misshapen_is_named(key):
    rest = {other: value for other, value in THEIRS.items() if other != key}
    with pytest.raises(CheckpointError, match=f"lacks {key}\\."):
        MAP.translate(rest, OURS)
    with pytest.raises(CheckpointError, match=f"lacks {key}\\."):
        MAP.translate(rest | {"other": THEIRS[key]}, OURS)
    with pytest.raises(CheckpointError, match=rf"{key} has the shape \(7,\), and the model needs"):
        MAP.translate(THEIRS | {key: torch.ones(7)}, OURS)


def test_surplus_keys_are_named_and_many_are_counted():
    surplus = {f"x{index}": torch.ones(1) for index in range(5)}
    with pytest.raises(CheckpointError, match=r"beside what .*, x0, x1, x2 and 2 more"):
        MAP.translate(THEIRS | surplus, OURS)


def test_copies_that_differ_and_an_implied_value_that_is_another_are_errors():
    with pytest.raises(CheckpointError, match=r"e\.0 and e\.1 should hold the same numbers"):
        MAP.translate(THEIRS | {"e.1": torch.tensor([11.0])}, OURS)
    with pytest.raises(CheckpointError, match=r"mask is not what this .* implies \(a mask\)"):
        MAP.translate(THEIRS | {"mask": torch.ones(2, 2)}, OURS)


def test_integers_in_place_of_weights_are_an_error_but_an_implied_mask_may_be_of_any_type():
    with pytest.raises(CheckpointError, match=r"a holds numbers of type torch\.int8"):
        MAP.translate(THEIRS | {"a": torch.ones(2, dtype=torch.int8)}, OURS)
    as_bytes = THEIRS | {"mask": THEIRS["mask"].to(torch.uint8)}
    assert equal(MAP.translate(as_bytes, OURS), OURS)


def test_an_importer_that_forgets_a_tensor_of_ours_is_at_fault_itself():
    with pytest.raises(AssertionError, match="no tie names"):
        MAP.translate(THEIRS, OURS | {"forgotten": torch.ones(1)})


def test_implied_keys_are_left_out_with_their_reason():
    assert MAP.left_out() == {"mask": "a mask"}


def test_dropped_keys_are_parted_by_the_first_rule_that_matches_them_whole():
    rules = (Dropped(r"loss\.a", "first"), Dropped(r"loss\..*", "second"), Dropped("los", "never"))
    one = torch.ones(1)
    kept, why = split_dropped({"loss.a": one, "loss.b": one, "loss": one}, rules)
    assert list(kept) == ["loss"]
    assert why == {"loss.a": "first", "loss.b": "second"}
