"""Mirrors rqbench/speed/systems.py."""

import json
from dataclasses import replace

import pytest
import torch

from rqbench.choice import Sampling
from rqbench.errors import UnknownPluginError, UnsupportedError
from rqbench.speed import systems as module
from rqbench.speed.systems import cast, describe, load_systems


def test_systems_of_a_run_come_in_the_order_of_its_tables(tmp_path, build, monkeypatch):
    """Only those whose models are there: a run goes on while it is timed."""
    index = {"systems": ["b + p", "a + p", "c + p"], "models": {"a + p": {}, "b + p": {}}}
    (tmp_path / "index.json").write_text(json.dumps(index))
    (made,) = load_systems(build(systems=[build().systems[0].model_dump()]), "cpu")
    monkeypatch.setattr(
        module, "_of_folder", lambda path, name: replace(made, tokenizer_name=name.split()[0])
    )
    found = load_systems(build(systems=[{"model": str(tmp_path)}]), "cpu")
    assert [system.tokenizer_name for system in found] == ["b", "a"]


def test_random_weights_are_built_from_two_configs_in_the_dtype_of_the_bench(build):
    first, second = load_systems(build(dtype="bfloat16"), "cpu")
    assert (first.name, second.name) == ("vq-8x8 + raster", "rq-4x4x4 + depth-stacked")
    assert next(second.prior.parameters()).dtype == torch.bfloat16
    told = describe(second)
    assert told["weights"] == {"weights": "random"}
    assert told["parameters"]["prior"] == sum(p.numel() for p in second.prior.parameters())


def test_a_name_that_is_neither_folder_nor_preset_and_guidance_are_refused(build):
    with pytest.raises(UnknownPluginError, match="The preset 'nope' is none that is known"):
        load_systems(build(systems=[{"model": "nope"}]), "cpu")
    guided = build().systems[0].model_copy(update={"sampling": Sampling(guidance=2.0)})
    with pytest.raises(UnsupportedError, match="draws with guidance"):
        load_systems(build(systems=[guided.model_dump()]), "cpu")


def test_weights_are_cast_in_place(build):
    systems = load_systems(build(), "cpu")
    weight = next(systems[0].prior.parameters())
    expected = weight.to(torch.bfloat16)
    cast(systems, "bfloat16")
    assert weight.dtype == torch.bfloat16
    assert torch.equal(weight, expected)
    assert next(systems[1].tokenizer.parameters()).dtype == torch.bfloat16


def test_random_weights_are_drawn_on_the_device(build, monkeypatch):
    """On a CPU those of a large model take minutes."""
    whole, places = module.build_prior, []

    def build_prior(*given):
        places.append(str(torch.empty(1).device))
        return whole(*given)

    monkeypatch.setattr(module, "build_prior", build_prior)
    load_systems(build(), "meta")  # which is a device without numbers
    assert places == ["meta", "meta"]
    assert str(torch.empty(1).device) == "cpu"


def test_only_systems_that_are_asked_for_are_built_the_baseline_first(build, monkeypatch):
    whole, built = module.build_prior, []

    def build_prior(name, *given):
        built.append(name)
        return whole(name, *given)

    monkeypatch.setattr(module, "build_prior", build_prior)
    vq, rq = "vq-8x8 + raster", "rq-4x4x4 + depth-stacked"
    assert [system.name for system in load_systems(build(baseline=rq), "cpu")] == [rq, vq]
    built.clear()
    assert [system.name for system in load_systems(build(only=[rq]), "cpu")] == [rq]
    assert built == ["depth-stacked"]


def test_a_preset_is_offered_by_the_name_that_its_system_has(build):
    name = "rqvae-8x8x4 + rq-throughput-8x8x4-small"
    systems = [{"model": "rq-throughput-8x8x4-small"}]
    (system,) = load_systems(build(systems=systems, only=[name]), "meta")
    assert system.name == name
