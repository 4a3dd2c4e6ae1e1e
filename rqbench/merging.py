"""Several runs as one: names that stand in more than one of them get their run's name."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from .record import Record
from .report import RunData


def merge(runs: dict[Path, RunData]) -> RunData:
    """One RunData of several; a name that stands in two runs gets its run's name in brackets."""
    if len(runs) == 1:
        return next(iter(runs.values()))
    called = labels(list(runs))
    names = {path: set(data.systems) for path, data in runs.items()}
    swept = {
        path: {base for point in data.sweep for base in point["names"]}
        for path, data in runs.items()
    }
    parts = [
        _renamed(data, called[path], _clashes(path, names), _clashes(path, swept))
        for path, data in runs.items()
    ]
    return RunData(
        records=[record for part in parts for record in part.records],
        systems=[name for part in parts for name in part.systems],
        training={name: log for part in parts for name, log in part.training.items()},
        pictures={name: shown for part in parts for name, shown in part.pictures.items()},
        headlines=[headline for part in parts for headline in part.headlines],
        environments={name: facts for part in parts for name, facts in part.environments.items()},
        sweep=[point for part in parts for point in part.sweep],
        remarks=[remark for part in parts for remark in part.remarks],
        contrasts=[contrast for part in parts for contrast in part.contrasts],
    )


def _clashes(path: Path, names: dict[Path, set[str]]) -> set[str]:
    """Which of a run's names stand in another run too."""
    return names[path] & {name for other, found in names.items() if other != path for name in found}


def labels(paths: Sequence[Path]) -> dict[Path, str]:
    """Each run's folder name; where two have the same, with as many parents as tell them apart."""
    parts = {path: path.resolve().parts for path in paths}

    def label(path: Path) -> str:
        own, others = parts[path], [parts[other] for other in paths if other != path]
        ends = (own[-n:] for n in range(1, len(own) + 1))
        return "-".join(
            next((end for end in ends if all(o[-len(end) :] != end for o in others)), own)
        )

    return {path: label(path) for path in paths}


def _labelled(system: str, label: str, clashes: set[str]) -> str:
    """The system with `label` behind its tokenizer, if that clashes."""
    tokenizer, plus, prior = system.partition(" + ")
    return f"{tokenizer} [{label}]{plus}{prior}" if tokenizer in clashes else system


def _renamed(data: RunData, label: str, clashes: set[str], swept: set[str]) -> RunData:
    """Put `label` behind every tokenizer that clashes, wherever its name stands.

    Args:
        clashes: names of this run that stand in another run too.
        swept: those of its sweep, by which a plot joins the points of a line.
    """

    def name(system: str) -> str:
        return _labelled(system, label, clashes)

    def record(old: Record) -> Record:
        return old.model_copy(update={"system": name(old.system), "tokenizer": name(old.tokenizer)})

    def headline(old: dict[str, Any]) -> dict[str, Any]:
        against = old["against"]
        renamed = name(against) if isinstance(against, str) else [name(each) for each in against]
        return old | {"system": name(old["system"]), "against": renamed}

    def stage(old: str) -> str:
        """Behind the name of its system a stage may have more, such as `seed +1`."""
        kind, slash, rest = old.partition("/")
        owners = [one for one in data.systems if rest == one or rest.startswith(f"{one} ")]
        owner = max(owners, key=len, default=rest)
        return f"{kind}{slash}{name(owner)}{rest[len(owner) :]}"

    def point(old: Mapping[str, Any]) -> dict[str, Any]:
        names = {
            _labelled(base, label, swept): name(called) for base, called in old["names"].items()
        }
        return {**old, "names": names}

    return replace(
        data,
        records=[record(each) for each in data.records],
        systems=[name(each) for each in data.systems],
        training={stage(each): log for each, log in data.training.items()},
        pictures={name(each): shown for each, shown in data.pictures.items()},
        headlines=[headline(dict(each)) for each in data.headlines],
        sweep=[point(each) for each in data.sweep],
        remarks=[
            each.model_copy(update={"systems": tuple(map(name, each.systems))})
            for each in data.remarks
        ],
        contrasts=[
            each.model_copy(update={"system": name(each.system), "against": name(each.against)})
            for each in data.contrasts
        ],
    )
