"""Stage: train one prior on the stored codes of one tokenizer."""

import math
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor

from ..codes import Codes
from ..errors import ConfigError, UnknownPluginError
from ..experiment import SystemSpec
from ..files import write_json
from ..models import load_tokenizer, plugin_facts, save_model
from ..plugins import find, installed
from ..prior import Prior, PriorBatch
from ..seed import generator
from ..stage import Context, Estimate, Stage
from ..trainer import LOG, Objective, train
from ..training import PriorTraining
from .encode_codes import read_codes
from .setting import Setting
from .train_tokenizer import COST
from .trial import fresh_prior, random_codes, random_labels, time_steps, trial_prior


def train_prior(setting: Setting, system: SystemSpec, tokenizer: Stage, codes: Stage) -> Stage:
    """The stage that trains the prior of one system."""
    experiment = setting.experiment
    spec, training = experiment.priors[system.prior], experiment.prior_training(system.prior)
    layout = setting.layouts[system.tokenizer]
    plugin = find("prior", spec.type)
    facts = {
        **setting.common_facts,
        "type": spec.type,
        "plugin": plugin_facts(plugin, trial_prior(setting, system)),
        "config": spec.config,
        "training": training.model_dump(mode="json"),
    }

    def work(context: Context) -> list[str]:
        codebook = load_tokenizer(context.inputs[tokenizer.name], "cpu").codebook()
        codebook = None if codebook is None else codebook.detach().clone()
        model = fresh_prior(setting, system, codebook).to(context.device)
        stored, labels = read_codes(context.inputs[codes.name], "training", layout)
        stored, labels = (
            stored[: training.crops],
            None if labels is None else labels[: training.crops],
        )
        with torch.no_grad():
            model.warm_start(stored.to(context.device))
        objective = _objective(setting, model, training, stored, labels)
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
        objective = _objective(
            setting, model, training, stand_ins, random_labels(setting, training.batch_size)
        )
        size = sum(value.numel() * value.element_size() for value in model.state_dict().values())
        return Estimate(time_steps(objective, setting.device) * training.steps, 5 * size)

    return Stage(f"prior/{system.name}", facts, (tokenizer, codes), work, estimate)


def check_pair(setting: Setting, system: SystemSpec) -> None:
    """Refuse a prior that cannot model the tokenizer's codes, before any work.

    Raises:
        ConfigError: names the pairs that are possible.
    """
    layout = setting.layouts[system.tokenizer]
    cls = find("prior", setting.experiment.priors[system.prior].type).load()
    if cls.supports(layout):
        return
    fitting = []
    for name, plugin in installed("prior").items():
        with suppress(UnknownPluginError):  # a stranger's broken prior is no answer
            fitting += [name] if plugin.load().supports(layout) else []
    models = [name for name, other in setting.layouts.items() if cls.supports(other)]
    raise ConfigError(
        f"The system {system.name!r} is impossible: {system.prior!r} models {cls.models}, and the "
        f"codes of {system.tokenizer!r} are {layout}. Priors that can model them: "
        f"{', '.join(fitting) or 'none'}. Tokenizers of this experiment that {system.prior!r} can "
        f"model: {', '.join(models) or 'none'}."
    )


def _objective(
    setting: Setting, model: Prior, training: PriorTraining, codes: Codes, labels: Tensor | None
) -> Objective:
    codes = codes.to(setting.device)
    bits = codes.layout.max_codes / math.log(2)

    def loss(batch: PriorBatch, step: int) -> tuple[Tensor, dict[str, Any]]:
        value = model.loss(batch)
        return value, {"bits_per_image": value.detach() * bits}

    def batches(first: int) -> Iterator[PriorBatch]:
        """Each epoch goes through the codes once, in an order of its own."""
        size = min(training.batch_size, len(codes))
        per_epoch = len(codes) // size
        for step in range(first, training.steps):
            epoch, place = divmod(step, per_epoch)
            order = torch.randperm(
                len(codes), generator=generator(setting.seed("prior batches"), epoch)
            )
            rows = order[place * size : (place + 1) * size]
            condition = None if labels is None else labels[rows, None].to(setting.device)
            yield PriorBatch(codes[rows.to(setting.device)], condition)

    return Objective(model, loss, batches)
