"""Mirrors rqbench/cli/plugins.py."""

import json
from importlib.metadata import EntryPoint

from rqbench import plugins
from rqbench.plugins import KINDS, Plugin, installed


def test_everything_installed_is_listed_as_json(rqbench):
    ended = rqbench("plugins", "list", "--json")
    assert ended.status == 0
    rows = json.loads(ended.out)
    assert {(row["kind"], row["name"]) for row in rows} == {
        (kind, name) for kind in KINDS for name in installed(kind)
    }
    assert {row["state"] for row in rows} == {"ok"}
    vq = next(row for row in rows if row["name"] == "vq")
    assert (vq["distribution"], vq["object"]) == ("rqbench", "rqbench_tokenizers.vq:VQ")


def test_a_plugin_that_cannot_be_loaded_is_listed_with_the_cause(rqbench, monkeypatch):
    lost = Plugin("prior", "lost", EntryPoint("lost", "no_such_module:[Lost]", "any"))
    monkeypatch.setattr(plugins, "installed", lambda kind: {"lost": lost})
    (state,) = {row["state"] for row in json.loads(rqbench("plugins", "list", "--json").out)}
    assert "no_such_module" in state
    assert "[Lost]" in "".join(rqbench("plugins", "list").out.split())
