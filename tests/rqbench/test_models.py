"""Mirrors rqbench/models.py."""

import json
import sys
import types

import pytest
import torch
from torch import nn

from rqbench.codes import Codes, spread
from rqbench.condition_spec import ConditionSpec
from rqbench.errors import ConfigError, DamagedFileError, UnknownPluginError
from rqbench.files import seal, sha256_of
from rqbench.layout import CodeLayout
from rqbench.models import (
    CONFIG,
    WEIGHTS,
    build_prior,
    build_tokenizer,
    load_model,
    load_prior,
    load_tokenizer,
    plugin_facts,
    resolution_of,
    save_model,
    stored_codebook,
    weights_sha256,
)
from rqbench.plugins import find, installed

IMAGES = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(1))
FIXED, DYNAMIC = CodeLayout(2, 4, 2, 5), CodeLayout(4, 4, 1, 5, (2, 1))


@pytest.mark.parametrize("name", installed("tokenizer"))
def test_every_tokenizer_comes_back_with_the_same_codes_and_pictures(tmp_path, name):
    tokenizer = find("tokenizer", name).load().tiny()
    tokenizer.train().before_training(IMAGES)
    tokenizer(IMAGES)
    tokenizer.after_step()
    tokenizer.eval().after_training(IMAGES)
    assert save_model(tmp_path, "tokenizer", name, tokenizer) == [WEIGHTS, CONFIG]
    loaded = load_tokenizer(tmp_path, "cpu")
    assert not loaded.training
    assert loaded.config == tokenizer.config
    codes = tokenizer.encode(IMAGES)
    assert torch.equal(loaded.encode(IMAGES).values, codes.values)
    assert torch.equal(loaded.decode(codes), tokenizer.decode(codes))


@pytest.mark.parametrize("with_codebook", [False, True])
@pytest.mark.parametrize(
    ("name", "layout"),
    [
        (name, layout)
        for name, plugin in installed("prior").items()
        for layout in (FIXED, DYNAMIC)
        if plugin.load().supports(layout)
    ],
)
def test_every_prior_comes_back_with_the_same_likelihood(tmp_path, name, layout, with_codebook):
    cls, condition = find("prior", name).load(), ConditionSpec(3)
    codebook = torch.randn(layout.depth, layout.codebook_size, 6) if with_codebook else None
    prior = cls(cls.tiny(layout).config, layout, codebook, condition).eval()
    save_model(tmp_path, "prior", name, prior, codebook)
    loaded = load_prior(tmp_path, "cpu")
    assert loaded.layout == layout
    assert loaded.condition == condition
    values = torch.randint(5, (3, layout.height, layout.width, layout.depth))
    grains = torch.randint(2, (3, *layout.region_grid)) if layout.is_dynamic else None
    codes = Codes(values if grains is None else spread(values, grains, layout), layout, grains)
    classes = torch.tensor([[0], [1], [2]])
    assert torch.equal(loaded.log_prob(codes, classes), prior.log_prob(codes, classes))


def test_fresh_weights_follow_the_seed():
    config = find("tokenizer", "vq").load().tiny().config.model_dump()
    first, again, other = (
        build_tokenizer("vq", config, "here", seed).state_dict() for seed in (1, 1, 2)
    )
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_faults_of_a_description_are_named_with_their_place():
    with pytest.raises(UnknownPluginError, match="No tokenizer is called 'vqq'"):
        build_tokenizer("vqq", {}, "here")
    with pytest.raises(ConfigError, match=r"here\.codebook_sizes: no such key"):
        build_tokenizer("vq", {"codebook_sizes": 4}, "here")
    with pytest.raises(ConfigError, match=r"here: the prior 'coarse-to-fine' models .* 2x4x2"):
        build_prior("coarse-to-fine", {}, FIXED, None, None, "here")


@pytest.fixture
def folder(tmp_path):
    save_model(tmp_path, "tokenizer", "vq", find("tokenizer", "vq").load().tiny())
    return tmp_path


@pytest.mark.parametrize("missing", [WEIGHTS, CONFIG])
def test_a_folder_without_a_model_is_refused(folder, missing):
    (folder / missing).unlink()
    with pytest.raises(ConfigError, match="is no model folder"):
        load_model(folder)


def test_the_wrong_kind_of_model_is_refused(folder):
    with pytest.raises(ConfigError, match="holds a tokenizer; a prior is needed"):
        load_prior(folder, "cpu")
    save_model(folder, "prior", "raster", find("prior", "raster").load().tiny(FIXED))
    with pytest.raises(ConfigError, match="holds a prior; a tokenizer is needed"):
        load_tokenizer(folder, "cpu")


def test_what_a_folder_says_of_its_model_is_read_without_loading_it(folder):
    assert resolution_of(folder) is None
    assert weights_sha256(folder) == sha256_of(folder / WEIGHTS)
    tokenizer = find("tokenizer", "vq").load().tiny()
    save_model(folder, "tokenizer", "vq", tokenizer, resolution=16)
    assert resolution_of(folder) == 16
    vectors = torch.rand(FIXED.depth, FIXED.codebook_size, 3)
    prior = find("prior", "raster").load().tiny(FIXED)
    save_model(folder, "prior", "raster", prior, vectors)
    assert torch.equal(stored_codebook(folder), vectors)
    seal(folder, [WEIGHTS, CONFIG], {})
    save_model(folder, "prior", "raster", prior)
    assert stored_codebook(folder) is None
    with pytest.raises(DamagedFileError, match="is not what was written"):
        weights_sha256(folder)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"kind": "prior", "type": "raster"}'])
def test_a_damaged_description_is_named(folder, text):
    (folder / CONFIG).write_text(text)
    with pytest.raises(DamagedFileError, match=r"model\.json does not describe a model"):
        load_model(folder)


def test_damaged_weights_and_those_of_another_model_are_named(folder):
    facts = json.loads((folder / CONFIG).read_text())
    facts["config"]["codebook_size"] += 1
    (folder / CONFIG).write_text(json.dumps(facts))
    with pytest.raises(DamagedFileError, match=r"model\.safetensors does not fit model\.json"):
        load_model(folder)
    (folder / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:-1])
    with pytest.raises(DamagedFileError, match=r"model\.safetensors cannot be read"):
        load_model(folder)


def test_edited_code_of_a_plugin_changes_its_facts(tmp_path, monkeypatch):
    path = tmp_path / "stranger.py"
    path.write_text("one")
    module = types.ModuleType("stranger")
    module.__file__ = str(path)
    monkeypatch.setitem(sys.modules, "stranger", module)
    model = nn.Sequential(type("Part", (nn.Identity,), {"__module__": "stranger"})())
    plugin = find("tokenizer", "vq")
    first = plugin_facts(plugin, model)
    assert (first["distribution"], first["version"]) == (plugin.distribution, plugin.version)
    assert plugin_facts(plugin, model) == first
    (tmp_path / "neighbour.py").write_text("of a module in no package")
    assert plugin_facts(plugin, model) == first
    path.write_text("two")
    assert plugin_facts(plugin, model)["source"] != first["source"]
    module.__package__ = "stranger"
    assert plugin_facts(plugin, model)["source"] != plugin_facts(plugin, nn.Identity())["source"]
