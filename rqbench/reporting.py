"""Drawing all installed reports from one run folder, or from several merged ones."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.numpy import load_file

from .errors import ConfigError, DamagedFileError, UnknownPluginError
from .files import write_whole
from .merging import labels, merge
from .plugins import installed
from .pooling import pool
from .record import Record
from .remarks import Contrast, Remark
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
        remarks=[Remark(**entry) for entry in index.get("remarks", [])],
        contrasts=[Contrast(**entry) for entry in index.get("contrasts", [])],
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
    lines = [f"# Report of {', '.join(labels(runs).values())}", ""]
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
