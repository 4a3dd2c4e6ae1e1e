"""Drawing all installed reports from one run folder, or from several merged ones."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.numpy import load_file

from .errors import ConfigError, DamagedFileError, UnknownPluginError
from .files import write_whole
from .plugins import installed
from .pooling import pool
from .record import Record
from .report import Report, RunData
from .run_folder import INDEX, REPORT, RunFolder
from .stages.score_tokenizer import PICTURES
from .trainer import LOG, read_log

MARK = ".rqbench-report"


@dataclass(frozen=True)
class DrawnReport:
    """The files written, tables for a terminal in the reports' order, and failures by report."""

    folder: Path
    files: list[Path]
    terminal: list[object]
    failed: dict[str, str]


def draw_report(runs: Sequence[Path], out: Path | None = None) -> DrawnReport:
    """Draw every installed report from the runs' records, and a page that shows them all.

    Args:
        runs: run folders; of several, names that stand in more than one get the run's name.
        out: where the report goes; by default below the one run.

    Raises:
        ConfigError: a folder without records, or several runs and no `out`.
    """
    if out is None:
        if len(runs) != 1:
            raise ConfigError("A report of several runs needs a place: add --out FOLDER.")
        out = runs[0] / REPORT
    data = merge({path: read_run(path) for path in runs})
    _clear(out)
    files: list[Path] = []
    terminal: list[object] = []
    reports, failed = _load_reports()
    for name, report in reports:
        try:
            drawn = report.draw(data, out)
        except Exception as error:  # one report's fault must not cost the others
            failed[f"report/{name}"] = f"{type(error).__name__}: {error}"
            continue
        files += drawn.files
        if drawn.terminal is not None:
            terminal.append(drawn.terminal)
    files.append(_write_page(out, files, runs))
    return DrawnReport(out, files, terminal, failed)


def _load_reports() -> tuple[list[tuple[str, Report]], dict[str, str]]:
    """All reports by name in their order, and why one could not be loaded."""
    reports: list[tuple[str, Report]] = []
    failed = {}
    for name, plugin in installed("report").items():
        try:
            reports.append((name, plugin.load()()))
        except UnknownPluginError as error:
            failed[f"report/{name}"] = str(error)
    return sorted(reports, key=lambda item: (item[1].order, item[0])), failed


def _clear(out: Path) -> None:
    """Make an empty folder of `out`, of which only an earlier report may be lost.

    Raises:
        ConfigError: it holds anything else.
    """
    if out.is_file() or (out.is_dir() and any(out.iterdir()) and not (out / MARK).is_file()):
        raise ConfigError(
            f"{out} is not empty and holds no report of rqbench. Choose another --out, so that "
            "nothing in it is overwritten."
        )
    out.mkdir(parents=True, exist_ok=True)
    (out / MARK).write_text("rqbench report: this folder is drawn anew each time\n")
    for path in out.iterdir():  # the mark stays: who is killed here may come again
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != MARK:
            path.unlink()


def read_run(root: Path) -> RunData:
    """Everything that a report may see of one run."""
    run = RunFolder(root, reading=True)
    records = run.records()
    try:
        index: dict[str, Any] = json.loads((root / INDEX).read_text())
        return _run_data(root, run, records, index)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise DamagedFileError(
            f"The run {root} lacks a part of what its report needs: {error}. Run `rqbench compare` "
            f"with --out {root} again; what is complete is kept."
        ) from None


def _run_data(root: Path, run: RunFolder, records: list[Record], index: dict[str, Any]) -> RunData:
    return RunData(
        records=pool(records),
        systems=[*index["tokenizers"], *index["systems"]],
        training={
            name: read_log(root / folder / LOG) for name, folder in index["training"].items()
        },
        pictures={
            name: _pictures(root / folder / PICTURES) for name, folder in index["pictures"].items()
        },
        headlines=index["headlines"],
        environments=run.environments(),
        sweep=index.get("sweep", []),
    )


def merge(runs: dict[Path, RunData]) -> RunData:
    """One RunData of several; a name that stands in two runs gets its run's name in brackets."""
    if len(runs) == 1:
        return next(iter(runs.values()))
    labels = _labels(list(runs))
    names = {path: set(data.systems) for path, data in runs.items()}
    swept = {
        path: {base for point in data.sweep for base in point["names"]}
        for path, data in runs.items()
    }
    parts = [
        _renamed(data, labels[path], _clashes(path, names), _clashes(path, swept))
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
    )


def _clashes(path: Path, names: dict[Path, set[str]]) -> set[str]:
    """Which of a run's names stand in another run too."""
    return names[path] & {name for other, found in names.items() if other != path for name in found}


def _labels(paths: Sequence[Path]) -> dict[Path, str]:
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
    )


def _pictures(path: Path) -> dict[str, Any]:
    """Arrays as `n H W 3`; grain maps stay `n r c`."""
    found = load_file(path)
    return {
        name: array.transpose(0, 2, 3, 1) if array.ndim == 4 else array
        for name, array in found.items()
    }


def _write_page(out: Path, files: Sequence[Path], runs: Sequence[Path]) -> Path:
    """One Markdown page with every table and plot."""
    lines = [f"# Report of {', '.join(_labels(runs).values())}", ""]
    for path in files:
        place = path.relative_to(out).as_posix()
        title = path.stem.replace("-", " ").replace("_", " ").capitalize()
        if path.suffix == ".md":
            lines += [f"## {title}", "", path.read_text().strip(), ""]
        elif path.suffix == ".png":
            lines += [f"## {title}", "", f"![{title}]({place})", ""]
    page, text = out / "README.md", "\n".join(lines)

    def write(beside: Path) -> None:
        beside.write_text(text)

    write_whole(page, write)
    return page
