"""Mirrors rqbench/plugins.py."""

from importlib.metadata import EntryPoint

import pytest

from rqbench import plugins
from rqbench.errors import UnknownPluginError
from rqbench.plugins import KINDS, Plugin, find, installed, load_all


@pytest.mark.parametrize("kind", KINDS)
def test_every_installed_plugin_loads_and_names_its_distribution(kind):
    found = installed(kind)
    assert list(found) == sorted(found)
    for plugin in found.values():
        plugin.load()
        assert plugin.distribution != "unknown"
        assert plugin.version != "0"


def test_an_unknown_name_is_answered_with_the_nearest_all_installed_and_the_way_to_add_one():
    with pytest.raises(UnknownPluginError) as caught:
        find("prior", "rastr")
    said = str(caught.value)
    assert said.startswith("No prior is called 'rastr'. Did you mean 'raster'? Installed: ")
    assert all(name in said for name in installed("prior"))
    assert "'rqbench.priors'" in said


def test_two_distributions_that_use_one_name_are_told(monkeypatch):
    entries = [EntryPoint("vq", f"{package}:VQ", "any") for package in ("ours", "theirs")]
    monkeypatch.setattr(plugins, "entry_points", lambda group: entries)
    with pytest.raises(UnknownPluginError, match="Two distributions offer a tokenizer called 'vq'"):
        installed("tokenizer")
    monkeypatch.setattr(plugins, "entry_points", lambda group: entries[:1] * 2)  # found twice
    assert list(installed("tokenizer")) == ["vq"]


def test_a_plugin_that_cannot_be_imported_is_named_with_the_cause():
    broken = Plugin("tokenizer", "lost", EntryPoint("lost", "no_such_module:Lost", "any"))
    with pytest.raises(UnknownPluginError, match=r"'lost'.*no_such_module:Lost.*ModuleNotFound"):
        broken.load()


def test_what_can_be_loaded_is_loaded_and_of_the_rest_the_cause_is_told(monkeypatch):
    entries = [EntryPoint("lost", "no_such_module:A", "any"), EntryPoint("pi", "math:pi", "any")]
    monkeypatch.setattr(plugins, "entry_points", lambda group: entries)
    loaded, broken = load_all("preset")
    assert loaded == {"pi": 3.141592653589793}
    assert broken.keys() == {"lost"}
    assert "ModuleNotFoundError" in broken["lost"]
