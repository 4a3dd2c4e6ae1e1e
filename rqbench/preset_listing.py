"""All presets with what people ask of them: what it is for, or how large a model is."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import yaml

from .errors import UnknownPluginError, did_you_mean
from .experiment_source import preset_text
from .model_preset import ModelPreset
from .model_sizes import Sizes, sizes
from .plugins import installed, load_all


@dataclass(frozen=True)
class FileRow:
    """A preset that is a YAML file.

    Attributes:
        kind: "experiment", or "speed" of one that `rqbench speed` times.
        about: the first paragraph of the comment at its head, else what it expects.
        text, values: its YAML, and what that holds.
    """

    kind: str
    name: str
    distribution: str
    about: str
    text: str
    values: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        facts = {"name": self.name, "distribution": self.distribution, "about": self.about}
        holds = "bench" if self.kind == "speed" else "experiment"
        return {"kind": self.kind, **facts, holds: self.values}


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

    experiments: list[FileRow]
    benches: list[FileRow]
    models: list[ModelRow]
    broken: dict[str, str]

    def rows(self) -> list[FileRow | ModelRow]:
        return [*self.experiments, *self.benches, *self.models]


def list_presets(
    names: Sequence[str] = (), kind: str | None = None, look: Callable[[str], None] = lambda _: None
) -> Listing:
    """
    Args:
        names: which of them; none: all.
        kind: "experiment", "speed", "tokenizer" or "prior"; None: all.
        look: told the name of each before it is examined.

    Raises:
        UnknownPluginError: a name that nobody has installed.
    """
    plugins, benches = installed("preset"), installed("speed preset")
    for name in names:
        if name not in plugins and name not in benches:
            near = did_you_mean(name, [*plugins, *benches])
            raise UnknownPluginError(
                f"No preset is called {name!r}.{near} `rqbench presets` lists all."
            )
    loaded, broken = load_all("preset")
    wanted = _wanted(plugins, names)
    listing = Listing([], [], [], {name: broken[name] for name in wanted if name in broken})
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
    for name in _wanted(benches, names) if kind in {None, "speed"} else ():
        look(name)
        try:
            text = benches[name].load().read_text(encoding="utf-8")
            listing.benches.append(_file_row("speed", name, benches[name].distribution, text))
        except Exception as error:  # as above
            listing.broken[name] = f"{type(error).__name__}: {error}"
    return listing


def _wanted(known: Iterable[str], names: Sequence[str]) -> list[str]:
    return [name for name in sorted(known, key=_by_numbers) if name in names or not names]


def _add(listing: Listing, name: str, distribution: str, preset: Any) -> None:
    if isinstance(preset, ModelPreset):
        listing.models.append(ModelRow(name, distribution, preset, sizes(preset, name)))
    else:
        row = _file_row("experiment", name, distribution, preset_text(name))
        listing.experiments.append(row)


def _file_row(kind: str, name: str, distribution: str, text: str) -> FileRow:
    values = yaml.safe_load(text)
    about = _head(text) or str(values.get("expect", ""))
    return FileRow(kind, name, distribution, about, text, values)


def _head(text: str) -> str:
    """The first paragraph of the comment that a file begins with."""
    head = re.match(r"(?:# ?\S.*\n)*", text)
    return " ".join(line.lstrip("# ") for line in head.group().splitlines()) if head else ""


def _by_numbers(name: str) -> list[tuple[int, str]]:
    """A key that sorts 2 before 16."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]
