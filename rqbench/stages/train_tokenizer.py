"""Stage: train one tokenizer on crops."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from ..adversarial import Adversary, check_adversarial
from ..codes import Codes
from ..data import Batch, to_float
from ..files import write_json
from ..metrics.distortion import psnr_db
from ..metrics.perceptual import find_perceptual
from ..models import plugin_facts, save_model
from ..objective import Objective
from ..plugins import find
from ..stage import Context, Estimate, Stage
from ..tokenizer import Tokenizer
from ..trainer import LOG, train
from ..training import TokenizerTraining
from ..unfilled import Unfilled
from .setting import Setting
from .trial import fresh_tokenizer, time_steps

COST = "cost.json"


def train_tokenizer(setting: Setting, name: str) -> Stage:
    """The stage that trains the experiment's tokenizer of this name."""
    experiment = setting.experiment
    spec, training = experiment.tokenizers[name], experiment.tokenizer_training(name)
    plugin = find("tokenizer", spec.type)
    with Unfilled():  # what it is made of counts, and no weight
        tokenizer = fresh_tokenizer(setting, name)
    if training.adversarial is not None:
        where = f"tokenizers.{name}.training"
        check_adversarial(tokenizer, training.adversarial, setting.resolution, where)
    needs_perceptual = training.perceptual_weight > 0
    facts = {
        **setting.common_facts,
        "type": spec.type,
        "plugin": plugin_facts(plugin, tokenizer),
        "config": tokenizer.config.model_dump(mode="json"),
        "training": training.model_dump(mode="json"),
        "perceptual": find_perceptual().weights_sha256 if needs_perceptual else None,
    }

    def work(context: Context) -> list[str]:
        model = fresh_tokenizer(setting, name).to(context.device)
        calibration = _calibration_crops(setting, training).to(context.device)
        with torch.no_grad():
            model.eval().before_training(calibration)
        trained = train(
            _objective(setting, model, training), training, context.folder,
            setting.seed("tokenizer steps"), context.device, context.progress,
        )  # fmt: skip
        result: Tokenizer = trained.model
        with torch.no_grad():
            result.after_training(calibration)
        write_json(
            context.folder / COST,
            {"training_s": trained.seconds, "peak_memory_bytes": trained.peak_memory_bytes},
        )
        names = save_model(
            context.folder, "tokenizer", spec.type, result, resolution=setting.resolution
        )
        return [*names, LOG, COST]

    def estimate() -> Estimate:
        model = fresh_tokenizer(setting, name).to(setting.device)
        with torch.no_grad():
            model.eval().before_training(_calibration_crops(setting, training).to(setting.device))
        objective = _objective(setting, model, training)
        tried = time_steps(objective, training, setting.device)
        size = 5 * _size_bytes(model)  # weights, averages, two moments, result
        if objective.opponent is not None:
            size += 3 * _size_bytes(objective.opponent.model)  # weights, two moments
        return Estimate(tried.each_s * training.batch_size * training.steps, size, tried.whole)

    return Stage(f"tokenizer/{name}", facts, (), work, estimate)


def _size_bytes(model: nn.Module) -> int:
    return sum(value.numel() * value.element_size() for value in model.state_dict().values())


def _calibration_crops(setting: Setting, training: TokenizerTraining) -> Tensor:
    crops = setting.data.training_crops(
        setting.seed("calibration crops"), range(training.calibration_crops)
    )
    return to_float(crops.images)


def _objective(setting: Setting, model: Tokenizer, training: TokenizerTraining) -> Objective:
    perceptual = (
        find_perceptual().distance.to(setting.device) if training.perceptual_weight > 0 else None
    )
    usage = UsageWindow()
    adversary = None
    if training.adversarial is not None:
        adversary = Adversary(model, training.adversarial, setting.seed("discriminator"))

    def to_device(batch: Batch) -> Tensor:
        return to_float(batch.images.to(setting.device, non_blocking=True))

    def loss(batch: Batch, step: int) -> tuple[Tensor, dict[str, Any]]:
        images = to_device(batch)
        output = model(images)
        reconstructions = output.reconstructions
        terms: dict[str, Any] = {"pixel": _pixel_loss(training, images, reconstructions)}
        total = training.pixel_weight * terms["pixel"]
        if perceptual is not None:
            terms["perceptual"] = perceptual(images, reconstructions).mean()
            total = total + training.perceptual_weight * terms["perceptual"]
        if adversary is not None and step >= adversary.config.start_step:
            weighted, its_terms = adversary.judge(reconstructions, total)
            terms |= its_terms
            total = total + weighted
        for term, value in output.losses.items():
            terms[term] = value
            total = total + value
        with torch.no_grad():
            terms["psnr_db"] = psnr_db(images, reconstructions.clamp(0, 1)).mean()
            usage.add(output.codes)
        return total, terms

    def batches(first: int) -> Iterator[Batch]:
        return setting.data.stream(
            setting.seed("tokenizer crops"), training.batch_size, first, training.steps - first,
            setting.experiment.data.workers,
        )  # fmt: skip

    opponent = None if adversary is None else adversary.opponent(training, to_device)
    return Objective(model, loss, batches, model.after_step, usage.read, opponent)


def _pixel_loss(training: TokenizerTraining, images: Tensor, reconstructions: Tensor) -> Tensor:
    """On images in [-1, 1], as published, so that weights mean what they mean in the papers."""
    difference = 2 * (images - reconstructions.float())
    return difference.abs().mean() if training.pixel_loss == "l1" else difference.square().mean()


class UsageWindow:
    """The share of the codebook that the steps since the last log line have used."""

    def __init__(self) -> None:
        self._used: Tensor | None = None

    def add(self, codes: Codes) -> None:
        used = torch.zeros(codes.layout.codebook_size, dtype=torch.bool, device=codes.values.device)
        used[codes.values.flatten()] = True
        self._used = used if self._used is None else self._used | used

    def read(self) -> dict[str, float]:
        if self._used is None:
            return {}
        share = float(self._used.float().mean())
        self._used = None
        return {"codebook_usage": share}
