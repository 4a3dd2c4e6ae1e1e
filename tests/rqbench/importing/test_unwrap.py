"""Mirrors rqbench/importing/unwrap.py."""

import pytest
import torch
from torch import nn

from rqbench.errors import CheckpointError
from rqbench.importing.unwrap import AVERAGED, RAW, unwrap

ONE, TWO = torch.tensor([1.0]), torch.tensor([2.0])


def state(value=ONE, prefix=""):
    return {f"{prefix}a.weight": value, f"{prefix}b.weight": value}


def test_a_state_dict_may_lie_at_the_top_beside_other_values():
    found = unwrap(state() | {"epoch": 3}, "x.pt")
    assert list(found.state) == ["a.weight", "b.weight"]
    assert (found.taken, found.prefix) == ("the top level", "")
    assert found.left_out == {"epoch": "kept by the trainer, and no part of the model"}


@pytest.mark.parametrize("name", [*RAW, *AVERAGED, "autoencoder"])
def test_a_state_dict_is_found_under_every_name_and_under_an_unknown_one(name):
    found = unwrap({name: state(), "epoch": 3, "optimizer": {"state": {0: state(TWO)}}}, "x.pt")
    assert found.state["a.weight"] == 1
    assert found.taken == name
    assert found.left_out["optimizer"].startswith("of the optimizer")


def test_wrappers_nest():
    found = unwrap({"model": {"state_dict": state(), "step": 1}, "epoch": 3}, "x.pt")
    assert found.taken == "model.state_dict"
    assert list(found.left_out) == ["epoch", "step"]


@pytest.mark.parametrize(
    "prefix", ["module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module."]
)
def test_prefixes_of_wrappers_go_in_any_order(prefix):
    found = unwrap({"state_dict": state(prefix=prefix)}, "x.pt")
    assert list(found.state) == ["a.weight", "b.weight"]
    assert found.prefix == prefix


def test_a_prefix_that_not_all_keys_bear_is_part_of_the_names():
    found = unwrap(state(prefix="module.") | {"c": ONE}, "x.pt")
    assert list(found.state) == ["module.a.weight", "module.b.weight", "c"]


def test_torchs_own_averaged_model_is_read():
    averaged = torch.optim.swa_utils.AveragedModel(nn.Linear(2, 3))
    found = unwrap({"state_dict": averaged.state_dict()}, "x.pt")
    assert list(found.state) == ["weight", "bias"]
    assert found.left_out["n_averaged"] == "a counter of the moving average"


def test_averaged_weights_are_taken_unless_asked_not_to():
    held = {"state_dict": state(), "state_dict_ema": state(TWO), "discriminator": state()}
    averaged, raw = unwrap(held, "x.pt"), unwrap(held, "x.pt", ema=False)
    assert averaged.state["a.weight"] == 2
    assert averaged.notes == (
        "Of raw and averaged weights the averaged ones were taken. Add --no-ema for the others.",
    )
    assert averaged.left_out["state_dict"] == "raw weights; the averaged ones were taken"
    assert averaged.left_out["discriminator"].startswith("of the discriminator")
    assert raw.state["a.weight"] == 1
    assert raw.notes == ("Of raw and averaged weights the raw ones were taken.",)
    assert raw.left_out["state_dict_ema"] == "averaged weights; the raw ones were taken"


def test_an_average_that_was_switched_off_is_no_average():
    found = unwrap({"state_dict": state(), "state_dict_ema": None}, "x.pt")
    assert (found.taken, found.notes) == ("state_dict", ())


def test_tensors_are_cut_from_their_graph():
    weight = nn.Parameter(ONE)
    assert not unwrap({"weight": weight}, "x.pt").state["weight"].requires_grad


@pytest.mark.parametrize(
    ("said", "held", "ema"),
    [
        ("several .*: state_dict, model", {"state_dict": state(), "model": state()}, True),
        ("several state dicts.*: one, two", {"one": state(), "two": state()}, True),
        (r"averaged weights \(ema\) and no raw ones", {"ema": state()}, False),
        (r"no tensors by name\. Its entries: epoch \(an object of the type builtins\.int\)",
         {"epoch": 1}, True),
        (r"no tensors by name\. Its entries: none", {}, True),
        ("an object of the type builtins.list", [ONE], True),
        ("a lone tensor", ONE, True),
        ("a whole model of the class Linear", nn.Linear(2, 3), True),
        ("a whole model of the class Linear", {"model": nn.Linear(2, 3)}, True),
    ],
)  # fmt: skip
def test_what_holds_no_state_dict_or_several_is_told(said, held, ema):
    with pytest.raises(CheckpointError, match=said):
        unwrap(held, "x.pt", ema)


def test_an_optimizer_alone_is_called_one():
    weight = nn.Parameter(ONE.clone())
    optimizer = torch.optim.Adam([weight])
    weight.sum().backward()
    optimizer.step()
    with pytest.raises(CheckpointError, match=r"x.pt holds the state of an optimizer, and no"):
        unwrap(optimizer.state_dict(), "x.pt")


def test_numbers_as_names_are_no_names():
    with pytest.raises(CheckpointError, match=r"no tensors by name. Its entries: 0 \("):
        unwrap({0: state()}, "x.pt")
