"""The run folder: an experiment's whole truth on disk."""

import fcntl
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from .errors import ConfigError, DamagedFileError
from .files import check_seal, is_sealed, seal, write_json, write_whole
from .progress import Progress
from .record import Record, read_records, write_records
from .stage import Context, Stage
from .trainer import CHECKPOINT

EXPERIMENT, RECORDS = "experiment.yaml", "records.jsonl"
INDEX, PROTOCOLS = "index.json", "protocols.json"
ENVIRONMENTS, REPORT = "environments", "report"


class RunFolder:
    """Stages, records and report of one experiment.

    Args:
        reading: records are to be read, which an evaluation of one tokenizer has too.

    Raises:
        ConfigError: the folder holds something else.
    """

    def __init__(self, root: Path, reading: bool = False) -> None:
        self.root = root
        is_one = self._is_run() or (reading and (root / INDEX).is_file())
        if root.is_file() or (root.is_dir() and any(root.iterdir()) and not is_one):
            mend = "Name a run, or an evaluation" if reading else "Choose another folder with --out"
            raise ConfigError(f"{root} is not empty and no run of rqbench. {mend}.")

    def _is_run(self) -> bool:
        return (self.root / "stages").is_dir() or (self.root / EXPERIMENT).is_file()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes out; the lock goes with the process, however it ends.

        Raises:
            ConfigError: another process works here.
        """
        (self.root / "stages").mkdir(parents=True, exist_ok=True)
        with (self.root / "stages" / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ConfigError(
                    f"Another rqbench works in {self.root}. Wait for it, or use another --out."
                ) from None
            yield

    def clear(self) -> None:
        """Forget all stages, records and reports; the lock stays, since its holder calls this."""
        for folder in (self.root / "stages").glob("*/"):
            shutil.rmtree(folder)
        for name in (ENVIRONMENTS, REPORT):
            shutil.rmtree(self.root / name, ignore_errors=True)
        for name in (EXPERIMENT, RECORDS, INDEX, PROTOCOLS):
            (self.root / name).unlink(missing_ok=True)

    def folder(self, stage: Stage) -> Path:
        """Where a stage is, under whatever name it was computed, or where it will be."""
        kept = sorted((self.root / "stages").glob(f"*-{stage.short_key}"))
        return kept[0] if kept else self.root / "stages" / stage.folder_name

    def is_complete(self, stage: Stage) -> bool:
        return is_sealed(self.folder(stage))

    def carry_out(self, stage: Stage, device: str, progress: Progress) -> bool:
        """Do a stage unless it is complete and undamaged; whether anything was done."""
        folder = self.folder(stage)
        if is_sealed(folder):
            try:
                check_seal(folder)
                return False
            except DamagedFileError as error:
                progress.warn(f"{error} The stage is computed again.")
                shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        inputs = {source.name: self.folder(source) for source in stage.inputs}
        names = stage.work(Context(folder, inputs, device, progress))
        seal(folder, names, {"stage": stage.name, "key": stage.key, "facts": dict(stage.facts)})
        (folder / CHECKPOINT).unlink(missing_ok=True)
        return True

    def write_experiment(self, values: dict[str, Any]) -> None:
        text = yaml.safe_dump(values, sort_keys=False, width=100)
        write_whole(self.root / EXPERIMENT, lambda path: _write(path, text))

    def write_environment(self, name: str, facts: dict[str, Any]) -> None:
        write_json(self.root / ENVIRONMENTS / f"{name}.json", facts)

    def write_records(self, records: Sequence[Record]) -> None:
        write_whole(self.root / RECORDS, lambda path: write_records(path, records))

    def records(self) -> list[Record]:
        """Raises ConfigError where the folder holds none yet."""
        path = self.root / RECORDS
        if not path.is_file():
            raise ConfigError(
                f"{self.root} has no {RECORDS}. Run `rqbench compare --out {self.root}` to its end "
                "first."
            )
        return read_records(path)

    def experiment(self) -> dict[str, Any]:
        values: dict[str, Any] = yaml.safe_load((self.root / EXPERIMENT).read_text())
        return values

    def environments(self) -> dict[str, dict[str, Any]]:
        folder = self.root / ENVIRONMENTS
        return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def _write(path: Path, text: str) -> None:
    path.write_text(text)
