"""What the user sees while work goes on: bars on a terminal, plain lines elsewhere; on stderr."""

import math
import time
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)  # fmt: skip
from rich.progress import Progress as Bars

EVERY_S = 60
"""Seconds between lines that count, where there is no bar."""

LOGGED = ("loss", "psnr_db", "codebook_usage", "bits_per_image")


class Paused(Exception):
    """The time that the user gave is up; what was done is saved, and the same request goes on."""


class Progress:
    """One bar for the experiment's stages, one for the stage at work."""

    def __init__(self, console: Console, num_stages: int, minutes: float | None = None) -> None:
        """With `minutes`, `late` turns true after so long."""
        self.console = console
        self._deadline = math.inf if minutes is None else time.monotonic() + 60 * minutes
        self._bars = Bars(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("[dim]{task.fields[note]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self._all = self._bars.add_task("stages", total=num_stages, note="", rate="")
        self._stage = self._bars.add_task("", total=None, note="", rate="", visible=False)
        self.stage = ""
        self._best_usage = 0.0
        self._alarmed = False
        self._began = self._told = time.perf_counter()

    def __enter__(self) -> "Progress":
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    @property
    def late(self) -> bool:
        """Whether the time that the user gave is up."""
        return time.monotonic() >= self._deadline

    def pause_if_late(self) -> None:
        """Raises Paused where the time is up; whoever calls this has saved what it has."""
        if self.late:
            raise Paused

    def begin_stage(self, stage: str) -> None:
        self.stage, self._best_usage, self._alarmed = stage, 0.0, False
        self._bars.reset(self._stage, description=stage, total=None, visible=True, note="", rate="")
        self._began = self._told = time.perf_counter()
        if not self.console.is_terminal:
            self.say("...")

    def end_stage(self, done: bool) -> None:
        """`done` is False where the stage was complete before."""
        self._end()
        took = time.perf_counter() - self._began
        self.say(f"done in {took:.1f} s" if done else "complete before")

    def end_trial(self, seconds: float) -> None:
        """After a dry run's trial of a stage."""
        self._end()
        if not self.console.is_terminal:
            self.say(f"will need about {seconds:.1f} s" if seconds else "complete")

    def _end(self) -> None:
        self._bars.advance(self._all)
        self._bars.update(self._stage, visible=False)

    def start(self, total: int, done: int = 0) -> None:
        """Begin counting units of the stage at work."""
        self._bars.reset(self._stage, total=total, completed=done, note="", rate="")

    def advance(self, line: dict[str, float] | None = None, by: int = 1) -> None:
        """Count units; show a log line, and warn when the codebook collapses."""
        self._bars.advance(self._stage, by)
        speed = self._bars.tasks[1].speed
        rate = f"{speed:.1f}/s" if speed else ""
        self._bars.update(self._stage, rate=rate)
        if not self.console.is_terminal:
            self._count(rate)
        if line is None:
            return
        shown = [f"{name} {line[name]:.4g}" for name in LOGGED if name in line]
        self._bars.update(self._stage, note="  ".join(shown))
        self._watch_usage(line)

    def _count(self, rate: str) -> None:
        """Say in a line how far it is, now and then."""
        now = time.perf_counter()
        if now - self._told >= EVERY_S:
            self._told = now
            at_work = self._bars.tasks[1]
            of = "" if at_work.total is None else f"/{at_work.total:.0f}"
            self.say(f"{at_work.completed:.0f}{of} {rate}".rstrip())

    def say(self, text: str) -> None:
        self.console.print(f"[bold]{escape(self.stage)}[/bold] {escape(text)}", highlight=False)

    def warn(self, text: str) -> None:
        said = escape(f"{self.stage}: {text}")
        self.console.print(f"[yellow]warning[/yellow] {said}", highlight=False)

    def _watch_usage(self, line: dict[str, float]) -> None:
        usage = line.get("codebook_usage")
        if usage is None:
            return
        self._best_usage = max(self._best_usage, usage)
        if not self._alarmed and usage < 0.25 * self._best_usage:
            self._alarmed = True
            self.warn(
                f"the codebook collapses: {usage:.0%} of it in use at step {line['step']:.0f}, "
                f"after {self._best_usage:.0%}. A lower learning rate or a larger batch usually "
                "mends it."
            )
