"""Where an experiment comes from: a preset or a YAML file, then changes from the command line."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from .errors import ConfigError, UnknownPluginError, did_you_mean
from .experiment import Experiment, build_experiment
from .model_preset import ModelPreset
from .overrides import apply_override, parse_sweep
from .plugins import installed, load_all
from .question import PARTS, with_questions


def load_experiment(
    source: str,
    overrides: Sequence[str] = (),
    sweeps: Sequence[str] = (),
    questions: Sequence[str] = (),
) -> Experiment:
    """Read a preset by name or a YAML file by path, change it, and check it.

    Takes and raises what `experiment_values` and `build_experiment` do.
    """
    return build_experiment(experiment_values(source, overrides, sweeps, questions))


def experiment_values(
    source: str,
    overrides: Sequence[str] = (),
    sweeps: Sequence[str] = (),
    questions: Sequence[str] = (),
) -> dict[str, Any]:
    """A preset or YAML file as plain values, changed, and with what its questions build.

    Args:
        overrides: `key.path=value`, each value read as YAML.
        sweeps: `key.path=value,value,...`, beside those that the file holds.
        questions: to be asked in place of what the file asks and builds, with its `scale`.

    Raises:
        ConfigError: no YAML, a change that leads nowhere, or a question that cannot be built.
        UnknownPluginError: neither a preset nor a file.
    """
    values = _read(source)
    late = [change for change in overrides if re.split(r"[.=]", change)[0] in PARTS]
    for override in overrides:
        if override not in late:
            apply_override(values, override)
    values = with_questions(values, questions)
    for override in late:  # they change what the questions have built
        apply_override(values, override)
    for sweep in sweeps:
        key, swept = parse_sweep(sweep)
        values["sweep"] = {**(values.get("sweep") or {}), key: swept}
    return values


def experiment_presets() -> list[str]:
    """Names of the presets that are experiments; a model preset is none."""
    loaded, _ = load_all("preset")
    return [name for name, preset in loaded.items() if not isinstance(preset, ModelPreset)]


def preset_text(name: str) -> str:
    """The YAML of an experiment's preset.

    Raises:
        UnknownPluginError: no preset is called so.
        ConfigError: it is one of a model.
    """
    plugin = installed("preset").get(name)
    if plugin is None:
        known = experiment_presets()
        raise UnknownPluginError(
            f"No preset is called {name!r}.{did_you_mean(name, known)} Experiments: "
            f"{', '.join(known)}. `rqbench presets` lists all, those of models too."
        )
    preset = plugin.load()
    if isinstance(preset, ModelPreset):
        raise ConfigError(
            f"The preset {name!r} is a {preset.kind}, and an experiment is needed here. In one, "
            f"write `{preset.kind}s: {{NAME: {{preset: {name}}}}}`; `rqbench presets {name}` shows "
            f"what that stands for. Experiments: {', '.join(experiment_presets())}."
        )
    text: str = preset.read_text(encoding="utf-8")
    return text


def _read(source: str) -> dict[str, Any]:
    path = Path(source)
    if path.suffix in {".yaml", ".yml"} or path.is_file():
        if not path.is_file():
            raise ConfigError(
                f"There is no experiment file {source}. Presets: {', '.join(experiment_presets())}."
            )
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{source} cannot be read as text: {error}") from None
    else:
        text = preset_text(source)
    try:
        values = yaml.load(text, _Loader)  # a SafeLoader
    except yaml.YAMLError as error:
        raise ConfigError(f"{source} is not YAML: {error}") from None
    if not isinstance(values, dict):
        raise ConfigError(
            f"{source} must hold a mapping of keys such as name, data and tokenizers."
        )
    # An alias (*coarse) is one object in several places; --set must change one of them alone
    unshared: dict[str, Any] = json.loads(json.dumps(values, default=str))
    return unshared


class _Loader(yaml.SafeLoader):
    """Refuses a key that stands twice, of which YAML would keep the second in silence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:merge" and key.value in seen:
                raise yaml.YAMLError(f"the key {key.value!r} stands twice{key.start_mark}")
            seen.add(key.value)
        return super().construct_mapping(node, deep)
