"""From experiments to their stages, in the order in which they are carried out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from .errors import ConfigError
from .experiment import SystemSpec
from .metrics.extractor import Extractor, find_extractor
from .stage import Stage
from .stages.check_system import check_system
from .stages.code_held_out import code_held_out
from .stages.draw_samples import draw_samples
from .stages.encode_codes import encode_codes
from .stages.reference import reference
from .stages.score_system import score_system
from .stages.score_tokenizer import score_tokenizer
from .stages.setting import Setting
from .stages.time_sampling import time_sampling
from .stages.train_prior import train_prior
from .stages.train_tokenizer import train_tokenizer
from .stages.training_features import training_features

Timed = tuple[SystemSpec, Stage, Stage, Stage]
"""A system with the stages of its tokenizer, its prior and its samples."""


@dataclass
class Pipeline:
    """All stages in order, and those whose folders hold records, logs and pictures.

    Attributes:
        settings: one for each experiment (a sweep over data has several) and training seed.
        stages: everything but the timing.
        scored: by tokenizer or system name, the stage with the records and pictures of the first
            training seed.
        repeated: the stages with the records of further training seeds.
        coded: the stages with the records of coded rates, of all seeds.
        trained: by stage name, the stages with a training log.
        timed: for each experiment, what is timed together at the end; the first seed stands for
            all.
    """

    settings: Sequence[Setting]
    stages: list[Stage] = field(default_factory=list)
    scored: dict[str, Stage] = field(default_factory=dict)
    repeated: list[Stage] = field(default_factory=list)
    coded: list[Stage] = field(default_factory=list)
    trained: dict[str, Stage] = field(default_factory=dict)
    timed: list[tuple[Setting, list[Timed]]] = field(default_factory=list)

    def speed(self, failed: Collection[str] = ()) -> list[Stage]:
        """The timing of all systems whose stages have not failed, an experiment each."""
        found = []
        for place, (setting, systems) in enumerate(self.timed):
            lost = set(failed)
            able = [one for one in systems if not {stage.name for stage in one[1:]} & lost]
            if able:
                stage = time_sampling(setting, able)
                found.append(replace(stage, name=f"{stage.name}/{place}") if place else stage)
        return found


def plan(settings: Sequence[Setting]) -> Pipeline:
    """Refuse what cannot work, then lay out the stages: tokenizers first, then systems, then speed.

    A stage that two settings share stands once.

    Args:
        settings: the first setting of an experiment has its own seed; settings of the same
            experiment with other seeds repeat it.

    Raises:
        ConfigError: a prior that cannot model its tokenizer's codes, or an unfit config.
    """
    for setting in settings:
        if not setting.experiment.tokenizers:
            raise ConfigError("experiment.tokenizers is empty: there is nothing to compare.")
        for system in setting.experiment.systems:
            check_system(setting, system)
    extractor = find_extractor(settings[0].device)
    pipeline = Pipeline(settings)
    known: dict[str, Stage] = {}
    for setting in settings:
        _Layout(pipeline, setting, known).lay_out(extractor)
    return pipeline


@dataclass
class _Layout:
    """Adds the stages of one setting to a pipeline."""

    pipeline: Pipeline
    setting: Setting
    known: dict[str, Stage]

    @property
    def first_seed(self) -> int:
        return self.pipeline.settings[0].experiment.seed

    def place(self, stage: Stage) -> Stage:
        """The stage itself, or the one before it that gives the same result."""
        if stage.key in self.known:
            return self.known[stage.key]
        repeat = self.setting.experiment.seed - self.first_seed
        if repeat and stage.name != "reference":
            stage = replace(stage, name=f"{stage.name} seed +{repeat}")
        if stage.name in {other.name for other in self.pipeline.stages}:
            stage = replace(stage, name=f"{stage.name} {stage.short_key[:4]}")
        self.known[stage.key] = stage
        self.pipeline.stages.append(stage)
        return stage

    def place_scores(self, name: str, stage: Stage) -> None:
        placed = self.place(stage)
        if self.setting.experiment.seed == self.first_seed:
            self.pipeline.scored[name] = placed
        else:
            self.pipeline.repeated.append(placed)

    def place_training(self, stage: Stage) -> Stage:
        placed = self.place(stage)
        self.pipeline.trained[placed.name] = placed
        return placed

    def lay_out(self, extractor: Extractor) -> None:
        setting, experiment = self.setting, self.setting.experiment
        ref = self.place(reference(setting, extractor))
        crops = max(
            [experiment.prior_training(name).crops for name in experiment.priors]
            or [experiment.training.prior.crops]
        )
        tokenizers: dict[str, Stage] = {}
        codes: dict[str, Stage] = {}
        for name in experiment.tokenizers:
            tokenizer = tokenizers[name] = self.place_training(train_tokenizer(setting, name))
            codes[name] = self.place(encode_codes(setting, name, tokenizer, crops))
            self.place_scores(
                name, score_tokenizer(setting, name, tokenizer, codes[name], ref, extractor)
            )
        parts: list[Timed] = []
        if experiment.systems:
            training = self.place(training_features(setting, extractor, crops))
        for system in experiment.systems:
            tokenizer, stored = tokenizers[system.tokenizer], codes[system.tokenizer]
            prior = self.place_training(train_prior(setting, system, tokenizer, stored))
            samples = self.place(draw_samples(setting, system, tokenizer, prior))
            if experiment.measure.coded:
                coded = self.place(code_held_out(setting, system, stored, prior))
                self.pipeline.coded.append(coded)
            self.place_scores(
                system.name,
                score_system(
                    setting, system, tokenizer, stored, prior, samples, ref, training, extractor
                ),
            )
            parts.append((system, tokenizer, prior, samples))
        if parts and experiment.seed == self.first_seed:
            self.pipeline.timed.append((setting, parts))
