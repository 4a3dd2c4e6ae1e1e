"""Stage: train one prior on the codes of one tokenizer."""

import math
from functools import partial
from typing import Any

import torch
from torch import Tensor

from ..codes import Codes
from ..experiment import SystemSpec
from ..files import write_json
from ..models import load_tokenizer, plugin_facts, save_model
from ..objective import Objective
from ..plugins import find
from ..prior import Prior
from ..prior_batch import PriorBatch
from ..stage import Context, Estimate, Stage
from ..tokenizer import Tokenizer
from ..trainer import LOG, train
from ..training import PriorTraining
from ..unfilled import Unfilled
from .encode_codes import read_codes
from .prior_batches import (
    Conditions,
    Crops,
    crop_batches,
    encode_softly,
    stored_batches,
    target_perplexity,
)
from .setting import Setting
from .train_tokenizer import COST
from .trial import (
    fresh_prior,
    fresh_tokenizer,
    frozen_codebook,
    random_codes,
    random_labels,
    time_steps,
    trial_prior,
)


def train_prior(setting: Setting, system: SystemSpec, tokenizer: Stage, codes: Stage) -> Stage:
    """The stage that trains the prior of one system."""
    experiment = setting.experiment
    spec, training = experiment.priors[system.prior], experiment.prior_training(system.prior)
    layout = setting.layouts[system.tokenizer]
    plugin = find("prior", spec.type)
    with Unfilled():  # what it is made of counts, and no weight
        prior = trial_prior(setting, system)
    facts = {
        **setting.common_facts,
        "type": spec.type,
        "plugin": plugin_facts(plugin, prior),
        "config": spec.config,
        "training": training.model_dump(mode="json"),
    }

    def work(context: Context) -> list[str]:
        frozen = load_tokenizer(context.inputs[tokenizer.name], "cpu")
        codebook = frozen_codebook(frozen)
        model = fresh_prior(setting, system, codebook).to(context.device)
        stored, labels = read_codes(context.inputs[codes.name], "training", layout)
        stored = stored[: training.crops]
        labels = None if labels is None else labels[: training.crops]
        with torch.no_grad():
            model.warm_start(stored.to(context.device))
        objective = _objective(setting, model, training, stored, labels, frozen.to(context.device))
        trained = train(
            objective, training, context.folder, setting.seed("prior steps"), context.device,
            context.progress,
        )  # fmt: skip
        write_json(
            context.folder / COST,
            {"training_s": trained.seconds, "peak_memory_bytes": trained.peak_memory_bytes},
        )
        return [*save_model(context.folder, "prior", spec.type, trained.model, codebook), LOG, COST]

    def estimate() -> Estimate:
        model = trial_prior(setting, system).to(setting.device)
        stand_ins = random_codes(setting, system.tokenizer, training.batch_size)
        untrained = fresh_tokenizer(setting, system.tokenizer).to(setting.device).eval()
        labels = random_labels(setting, training.batch_size)
        objective = _objective(setting, model, training, stand_ins, labels, untrained)
        size = sum(value.numel() * value.element_size() for value in model.state_dict().values())
        tried = time_steps(objective, training, setting.device)
        seconds = tried.each_s * training.batch_size * training.steps
        return Estimate(seconds, 5 * size, tried.whole)

    return Stage(f"prior/{system.name}", facts, (tokenizer, codes), work, estimate)


def _objective(
    setting: Setting,
    model: Prior,
    training: PriorTraining,
    codes: Codes,
    labels: Tensor | None,
    tokenizer: Tokenizer,
) -> Objective:
    """Of stored codes, or with soft targets of the crops that `tokenizer` encodes at each step."""
    bits = codes.layout.max_codes / math.log(2)
    conditions = Conditions(setting, training, model.condition)
    soft = training.soft_targets

    def stored_loss(batch: PriorBatch, step: int) -> tuple[Tensor, dict[str, Any]]:
        value = model.loss(batch)
        return value, {"bits_per_image": value.detach() * bits}

    if soft is None:
        batches = partial(stored_batches, conditions, codes.to(setting.device), labels)
        return Objective(model, stored_loss, batches)

    def soft_loss(crops: Crops, step: int) -> tuple[Tensor, dict[str, Any]]:
        batch = encode_softly(setting, tokenizer, soft, crops, step)
        return model.loss(batch), {"target_perplexity": target_perplexity(batch)}

    return Objective(model, soft_loss, partial(crop_batches, conditions))
