"""One training loop for tokenizers and priors: checkpoint, resume, average, watch."""

import json
import math
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from .averaging import average_weights
from .checkpoint import load_checkpoint, save_checkpoint
from .descent import build_optimizers, take_step
from .errors import DamagedFileError, TrainingError
from .files import write_whole
from .memory import PeakMemory
from .objective import Objective
from .progress import Progress
from .seed import derive_seed
from .training import Training

CHECKPOINT = "checkpoint.safetensors"
LOG = "log.jsonl"


@dataclass(frozen=True)
class Trained:
    """The averaged model in eval mode, and what training took."""

    model: Any
    seconds: float
    peak_memory_bytes: int


def train(
    objective: Objective, config: Training, folder: Path, seed: int, device: str, progress: Progress
) -> Trained:
    """Train to the last step, from the folder's checkpoint where there is one.

    A resumed training equals an undisturbed one: batches and random draws are functions of
    (seed, step).

    Raises:
        TrainingError: a loss that is not finite; names the step and the checkpoint that is kept.
        Paused: the user's time is up; the checkpoint is of this step.
    """
    model = objective.model.train()
    if not any(parameter.requires_grad for parameter in model.parameters()):
        write_log(folder / LOG, [])
        return Trained(model.eval(), 0.0, PeakMemory(device).read())  # there is nothing to learn
    averaged = average_weights(model, config.ema_decay)
    optimizers = build_optimizers(objective, config)
    modules = {"model": model, "averaged": averaged}
    if objective.opponent is not None:
        modules["opponent"] = objective.opponent.model.train()
    first, lines, seconds, peak = _resume(folder, modules, optimizers, progress)
    memory = PeakMemory(device, at_least=peak)
    started = time.perf_counter() - seconds
    totals: dict[str, Tensor] = {}
    counts: Counter[str] = Counter()  # a term may begin late
    batches = objective.batches(first)
    progress.start(config.steps, first)
    for step in range(first, config.steps):
        torch.manual_seed(derive_seed(seed, step, "training step"))
        terms = take_step(objective, optimizers, config, next(batches), step, device)
        averaged.update_parameters(model)
        for name, value in terms.items():
            totals[name] = totals.get(name, torch.zeros((), device=device)) + value
        counts.update(terms.keys())
        if (step + 1) % config.log_every and step + 1 != config.steps:
            progress.advance()
            continue
        line = {name: float(total) / counts[name] for name, total in totals.items()}
        _check_finite(line, step, folder)
        line = {"step": step + 1.0, **line, **objective.window()}
        lines.append(line)
        totals = {}
        counts.clear()
        progress.advance(line)
        due = progress.late or (step + 1) % config.checkpoint_steps == 0
        if due and step + 1 < config.steps:
            facts = {
                "step": step + 1, "log": lines, "seconds": time.perf_counter() - started,
                "peak_memory_bytes": memory.read(),
            }  # fmt: skip
            save_checkpoint(folder / CHECKPOINT, modules, optimizers, facts)
            progress.pause_if_late()
    write_log(folder / LOG, lines)
    averaged.eval()
    model.eval()
    return Trained(averaged.module, time.perf_counter() - started, memory.read())


def write_log(path: Path, lines: list[dict[str, float]]) -> None:
    text = "".join(json.dumps(line) + "\n" for line in lines)

    def write(beside: Path) -> None:
        beside.write_text(text)

    write_whole(path, write)


def read_log(path: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _resume(
    folder: Path,
    modules: dict[str, nn.Module],
    optimizers: dict[str, torch.optim.Optimizer],
    progress: Progress,
) -> tuple[int, list[dict[str, float]], float, int]:
    """(first step, log lines so far, seconds so far, peak memory so far)."""
    path = folder / CHECKPOINT
    if not path.is_file():
        return 0, [], 0.0, 0
    try:
        facts = load_checkpoint(path, modules, optimizers)
    except DamagedFileError as error:
        progress.warn(f"{error} Training starts again from step 0.")
        path.unlink()
        return 0, [], 0.0, 0
    progress.say(f"resumed at step {facts['step']}")
    return facts["step"], facts["log"], facts["seconds"], facts["peak_memory_bytes"]


def _check_finite(line: dict[str, float], step: int, folder: Path) -> None:
    bad = [name for name, value in line.items() if not math.isfinite(value) and name != "psnr_db"]
    if not bad:
        return
    kept = folder / CHECKPOINT
    where = (
        f"The last good checkpoint is {kept}." if kept.is_file() else "There is no checkpoint yet."
    )
    raise TrainingError(
        f"Training stopped by step {step + 1}: {', '.join(bad)} is not finite. {where} Lower the "
        "learning rate, lengthen the warm-up or clip the gradient, with --set training....=...; "
        "this stage then starts anew."
    )
