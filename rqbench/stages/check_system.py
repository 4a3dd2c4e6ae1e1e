"""Refusing a system that cannot work, before any work."""

from contextlib import suppress

from ..errors import ConfigError, UnknownPluginError
from ..experiment import SystemSpec
from ..layout import CodeLayout
from ..plugins import find, installed
from ..prior import Prior
from ..tokenizer import Tokenizer
from .setting import Setting


def check_system(setting: Setting, system: SystemSpec) -> None:
    """Look at what a tokenizer and a prior can do and at what the experiment asks of them.

    Raises:
        ConfigError: a prior that cannot model the codes; soft targets that the tokenizer cannot
            give or the prior cannot use; label dropout without labels, or guidance without label
            dropout. Says what is possible.
    """
    cls = find("prior", setting.experiment.priors[system.prior].type).load()
    if not cls.supports(setting.layouts[system.tokenizer]):
        raise ConfigError(_impossible(setting, system, cls))
    if setting.experiment.prior_training(system.prior).soft_targets is not None:
        _check_soft_targets(setting, system, cls)
    _check_guidance(setting, system)


def _impossible(setting: Setting, system: SystemSpec, cls: type[Prior]) -> str:
    layout = setting.layouts[system.tokenizer]
    models = [name for name, other in setting.layouts.items() if cls.supports(other)]
    return (
        f"The system {system.name!r} is impossible: {system.prior!r} models {cls.models}, and the "
        f"codes of {system.tokenizer!r} are {layout}. Priors that can model them: "
        f"{', '.join(_fitting(layout)) or 'none'}. Tokenizers of this experiment that "
        f"{system.prior!r} can model: {', '.join(models) or 'none'}."
    )


def _fitting(layout: CodeLayout) -> list[str]:
    """Installed priors that can model these codes."""
    fitting = []
    for name, plugin in installed("prior").items():
        with suppress(UnknownPluginError):  # a stranger's broken prior is no answer
            fitting += [name] if plugin.load().supports(layout) else []
    return fitting


def _check_soft_targets(setting: Setting, system: SystemSpec, cls: type[Prior]) -> None:
    layout = setting.layouts[system.tokenizer]
    tokenizer = find("tokenizer", setting.experiment.tokenizers[system.tokenizer].type).load()
    if tokenizer.soft_codes is Tokenizer.soft_codes:
        cause = f"the tokenizer {system.tokenizer!r} gives no soft codes"
    elif not cls.takes_soft_targets(layout):
        cause = f"the prior {system.prior!r} does not train on them for the codes {layout}"
    else:
        return
    raise ConfigError(
        f"The system {system.name!r} cannot train on soft targets: {cause}. Set "
        f"priors.{system.prior}.training.soft_targets to null, or leave the system out."
    )


def _check_guidance(setting: Setting, system: SystemSpec) -> None:
    dropout = setting.experiment.prior_training(system.prior).label_dropout
    guidance = setting.experiment.priors[system.prior].sampling.guidance
    if setting.condition is None and (dropout or guidance != 1):
        asked = "label_dropout" if dropout else "guidance"
        raise ConfigError(
            f"priors.{system.prior}: {asked} needs classes, and the data "
            f"{setting.data.name!r} has none. Leave it out, or use pictures in class folders."
        )
    if guidance != 1 and not dropout:
        raise ConfigError(
            f"priors.{system.prior}.sampling.guidance is {guidance:g}, and this prior never learns "
            "to do without its condition. Set the prior's training.label_dropout, to 0.1 say, or "
            "guidance to 1."
        )
