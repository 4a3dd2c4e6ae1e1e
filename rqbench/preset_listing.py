"""All presets with what people ask of them: what an experiment is for, how large a model is."""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import yaml

from .errors import UnknownPluginError, did_you_mean
from .experiment_source import preset_text
from .model_preset import ModelPreset
from .model_sizes import Sizes, sizes
from .plugins import installed, load_all


@dataclass(frozen=True)
class ExperimentRow:
    """A preset of an experiment.

    Attributes:
        about: the first paragraph of the comment at its head, else what it expects.
        text, values: its YAML, and what that holds.
    """

    name: str
    distribution: str
    about: str
    text: str
    values: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        facts = {"name": self.name, "distribution": self.distribution, "about": self.about}
        return {"kind": "experiment", **facts, "experiment": self.values}


@dataclass(frozen=True)
class ModelRow:
    """A preset of a tokenizer or prior."""

    name: str
    distribution: str
    preset: ModelPreset
    sizes: Sizes

    @property
    def differs(self) -> bool:
        """Whether another number of values was published."""
        return self.preset.parameters not in {None, self.sizes.parameters}

    @property
    def total_operations(self) -> int | None:
        """Of one sampled image, decoded."""
        drawn = self.sizes.sampling_operations
        return None if drawn is None else drawn + self.sizes.decode_operations

    def as_json(self) -> dict[str, Any]:
        """Plain values; what a model of this kind does not have is left out."""
        left_out = {"resolution", "parameters"}
        if self.preset.kind == "tokenizer":
            left_out |= {"tokenizer", "num_conditions", "condition_length", "sampling"}
        facts = self.preset.model_dump(mode="json", exclude=left_out)
        counted = asdict(self.sizes) | {"total_operations": self.total_operations}
        published = {
            "published_parameters": self.preset.parameters, "differs": self.differs,
            "resolution_px": self.preset.resolution,
        }  # fmt: skip
        told = {key: value for key, value in counted.items() if value is not None}
        named = {"kind": facts.pop("kind"), "name": self.name, "distribution": self.distribution}
        return named | told | published | facts


@dataclass(frozen=True)
class Listing:
    """Presets of all kinds.

    Attributes:
        broken: by name, why one cannot be shown.
    """

    experiments: list[ExperimentRow]
    models: list[ModelRow]
    broken: dict[str, str]

    def rows(self) -> list[ExperimentRow | ModelRow]:
        return [*self.experiments, *self.models]


def list_presets(
    names: Sequence[str] = (), kind: str | None = None, look: Callable[[str], None] = lambda _: None
) -> Listing:
    """
    Args:
        names: which of them; none: all.
        kind: "experiment", "tokenizer" or "prior"; None: all.
        look: told the name of each before it is examined.

    Raises:
        UnknownPluginError: a name that nobody has installed.
    """
    plugins = installed("preset")
    for name in names:
        if name not in plugins:
            raise UnknownPluginError(
                f"No preset is called {name!r}.{did_you_mean(name, plugins)} `rqbench presets` "
                "lists all."
            )
    loaded, broken = load_all("preset")
    wanted = [name for name in sorted(plugins, key=_by_numbers) if name in names or not names]
    listing = Listing([], [], {name: broken[name] for name in wanted if name in broken})
    for name in wanted:
        preset = loaded.get(name)
        what = preset.kind if isinstance(preset, ModelPreset) else "experiment"
        if preset is None or kind not in {None, what}:
            continue
        look(name)
        try:
            _add(listing, name, plugins[name].distribution, preset)
        except Exception as error:  # a stranger's plug-in may raise anything
            listing.broken[name] = f"{type(error).__name__}: {error}"
    listing.models.sort(key=lambda row: row.preset.kind == "prior")
    return listing


def _add(listing: Listing, name: str, distribution: str, preset: Any) -> None:
    if isinstance(preset, ModelPreset):
        listing.models.append(ModelRow(name, distribution, preset, sizes(preset, name)))
    else:
        text = preset_text(name)
        values = yaml.safe_load(text)
        about = _head(text) or str(values.get("expect", ""))
        listing.experiments.append(ExperimentRow(name, distribution, about, text, values))


def _head(text: str) -> str:
    """The first paragraph of the comment that a file begins with."""
    head = re.match(r"(?:# ?\S.*\n)*", text)
    return " ".join(line.lstrip("# ") for line in head.group().splitlines()) if head else ""


def _by_numbers(name: str) -> list[tuple[int, str]]:
    """A key that sorts 2 before 16."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]
