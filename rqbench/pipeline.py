"""From an experiment to its stages, in the order in which they are carried out."""

from collections.abc import Collection
from dataclasses import dataclass

from .errors import ConfigError
from .experiment import SystemSpec
from .metrics.extractor import find_extractor
from .stage import Stage
from .stages.draw_samples import draw_samples
from .stages.encode_codes import encode_codes
from .stages.reference import reference
from .stages.score_system import score_system
from .stages.score_tokenizer import score_tokenizer
from .stages.setting import Setting
from .stages.time_sampling import time_sampling
from .stages.train_prior import check_pair, train_prior
from .stages.train_tokenizer import train_tokenizer


@dataclass(frozen=True)
class Pipeline:
    """All stages in order, and those whose folders hold records, logs and pictures.

    Attributes:
        stages: everything but the timing.
        scored: by tokenizer or system name, the stage with its records and pictures.
        trained: by stage name, the stages with a training log.
        timed: what is timed at the end: each system with its tokenizer's, prior's and samples'
        stage.
    """

    setting: Setting
    stages: tuple[Stage, ...]
    scored: dict[str, Stage]
    trained: dict[str, Stage]
    timed: tuple[tuple[SystemSpec, Stage, Stage, Stage], ...]

    def speed(self, failed: Collection[str] = ()) -> Stage | None:
        """The timing of all systems whose stages have not failed; None where there are none."""
        parts = [
            part for part in self.timed if not {stage.name for stage in part[1:]} & set(failed)
        ]
        return time_sampling(self.setting, parts) if parts else None


def plan(setting: Setting) -> Pipeline:
    """Refuse what cannot work, then lay out the stages: tokenizers first, then systems, then speed.

    Raises:
        ConfigError: a prior that cannot model its tokenizer's codes, or an unfit config.
    """
    experiment = setting.experiment
    if not experiment.tokenizers:
        raise ConfigError("experiment.tokenizers is empty: there is nothing to compare.")
    for system in experiment.systems:
        check_pair(setting, system)
    extractor = find_extractor(setting.device)
    ref = reference(setting, extractor)
    stages: list[Stage] = [ref]
    scored: dict[str, Stage] = {}
    trained: dict[str, Stage] = {}
    tokenizers: dict[str, Stage] = {}
    codes: dict[str, Stage] = {}
    crops = max(
        [experiment.prior_training(name).crops for name in experiment.priors]
        or [experiment.training.prior.crops]
    )
    for name in experiment.tokenizers:
        tokenizers[name] = train_tokenizer(setting, name)
        codes[name] = encode_codes(setting, name, tokenizers[name], crops)
        scored[name] = score_tokenizer(setting, name, tokenizers[name], codes[name], ref, extractor)
        trained[tokenizers[name].name] = tokenizers[name]
        stages += [tokenizers[name], codes[name], scored[name]]
    parts = []
    for system in experiment.systems:
        tokenizer = tokenizers[system.tokenizer]
        prior = train_prior(setting, system, tokenizer, codes[system.tokenizer])
        samples = draw_samples(setting, system, tokenizer, prior)
        score = score_system(
            setting, system, codes[system.tokenizer], prior, samples, ref, extractor
        )
        scored[system.name], trained[prior.name] = score, prior
        stages += [prior, samples, score]
        parts.append((system, tokenizer, prior, samples))
    return Pipeline(setting, tuple(stages), scored, trained, tuple(parts))
