"""Plug-ins: tokenizers, priors, reports, presets and more, found through entry points only."""

from dataclasses import dataclass
from functools import cache
from importlib import metadata
from importlib.metadata import EntryPoint, EntryPoints
from typing import Any

from .errors import UnknownPluginError, did_you_mean

KINDS = {
    "tokenizer": "rqbench.tokenizers",
    "prior": "rqbench.priors",
    "report": "rqbench.reports",
    "preset": "rqbench.presets",
    "recipe": "rqbench.recipes",
    "question": "rqbench.questions",
    "importer": "rqbench.importers",
    "speed preset": "rqbench.speed_presets",
}


@dataclass(frozen=True)
class Plugin:
    """One installed plug-in, not yet imported."""

    kind: str
    name: str
    entry: EntryPoint

    @property
    def distribution(self) -> str:
        return self.entry.dist.name if self.entry.dist else "unknown"

    @property
    def version(self) -> str:
        return self.entry.dist.version if self.entry.dist else "0"

    def load(self) -> Any:
        """Import it.

        Raises:
            UnknownPluginError: its code cannot be imported; the cause is in the message.
        """
        try:
            return self.entry.load()
        except Exception as error:  # a stranger's code may raise anything
            raise UnknownPluginError(
                f"The {self.kind} {self.name!r} of the distribution {self.distribution} cannot be "
                f"loaded from {self.entry.value}: {type(error).__name__}: {error}"
            ) from error


@cache
def entry_points(group: str) -> EntryPoints:
    """Those of a group, looked up once: going through all distributions takes long."""
    return metadata.entry_points(group=group)


def installed(kind: str) -> dict[str, Plugin]:
    """All plug-ins of a kind by name, in alphabetical order.

    Raises:
        UnknownPluginError: two distributions use one name.
    """
    found: dict[str, Plugin] = {}
    for entry in sorted(entry_points(group=KINDS[kind]), key=lambda entry: entry.name):
        plugin = Plugin(kind, entry.name, entry)
        rival = found.setdefault(entry.name, plugin)
        if rival.entry.value != entry.value:
            raise UnknownPluginError(
                f"Two distributions offer a {kind} called {entry.name!r}: {rival.distribution} and "
                f"{plugin.distribution}. Uninstall one of them, or rename its entry point."
            )
    return found


def load_all(kind: str) -> tuple[dict[str, Any], dict[str, str]]:
    """All plug-ins of a kind by name, imported; and of those that cannot be, the cause."""
    loaded: dict[str, Any] = {}
    broken: dict[str, str] = {}
    for name, plugin in installed(kind).items():
        try:
            loaded[name] = plugin.load()
        except UnknownPluginError as error:
            broken[name] = str(error)
    return loaded, broken


def find(kind: str, name: str) -> Plugin:
    """One plug-in by name.

    Raises:
        UnknownPluginError: nobody has installed it; names the nearest and all that are there.
    """
    known = installed(kind)
    if name in known:
        return known[name]
    raise UnknownPluginError(
        f"No {kind} is called {name!r}.{did_you_mean(name, known)} "
        f"Installed: {', '.join(known) or 'none'}. A new one needs an entry point in the group "
        f"{KINDS[kind]!r}, then `pip install -e .` once more."
    )
