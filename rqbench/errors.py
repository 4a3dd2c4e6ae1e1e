"""Errors that a user can cause. Commands print them without a traceback and exit with 2."""

import difflib
from collections.abc import Iterable


class RqbenchError(Exception):
    """Something that the user can mend; the message says what, why and how."""


class ConfigError(RqbenchError):
    """A configuration that cannot be carried out."""


class DataError(RqbenchError):
    """Images that cannot be read or used."""


class UnknownPluginError(RqbenchError):
    """A tokenizer, prior, report or preset that nobody has installed."""


class UnsupportedError(RqbenchError):
    """A sound request that this tokenizer, prior or library cannot serve."""


class DamagedFileError(RqbenchError):
    """A file of a run whose content is not what was written."""


class CheckpointError(RqbenchError):
    """A published checkpoint that cannot be read, or that is not what it seems."""


class TrainingError(RqbenchError):
    """Training that cannot go on, such as a loss that is not finite."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`" Did you mean 'x'?"` for the nearest known name; else those that contain this one."""
    names = list(known)
    if close := difflib.get_close_matches(name, names, n=1):
        return f" Did you mean {close[0]!r}?"
    containing = [full for full in names if name in full]
    return f" With {name!r} in it: {', '.join(containing)}." if name and containing else ""
