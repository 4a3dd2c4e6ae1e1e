"""Questions: plug-ins that build the systems which answer them, at the scale of an experiment."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from .config import Config, merge, parse_config
from .data.config import DataConfig
from .errors import ConfigError, did_you_mean
from .plugins import find

PARTS = ("tokenizers", "priors", "systems", "headlines")
"""The keys of an experiment that questions build."""

ASKING = frozenset({"question", "scale"})

Spec = Mapping[str, Any]
"""A tokenizer or prior as an experiment writes it: {"type": ..., "config": {...}}."""


@dataclass(frozen=True)
class Fragment:
    """What answers one question, in the words of an experiment file.

    Attributes:
        tokenizers, priors: specs by name. Questions share a part by giving it the same name and
            the same spec.
        systems: tokenizer and prior of each.
        headlines: each with its control and, in `equal`, what is held equal.
    """

    tokenizers: Mapping[str, Spec] = field(default_factory=dict)
    priors: Mapping[str, Spec] = field(default_factory=dict)
    systems: Sequence[tuple[str, str]] = ()
    headlines: Sequence[Mapping[str, Any]] = ()


class Question(ABC):
    """One question with its control.

    Attributes:
        Config: what of an experiment's `scale` it reads.
        asks: the question in one sentence.
    """

    Config: ClassVar[type[Config]]
    asks: ClassVar[str]

    @abstractmethod
    def build(self, scale: Any, resolution: int) -> Fragment:
        """The systems that answer it for images of this side.

        Raises:
            ConfigError: a scale at which what must be equal cannot be.
        """


def with_questions(values: dict[str, Any], asked: Sequence[str] = ()) -> dict[str, Any]:
    """An experiment's plain values, with what its questions build in place of `question` and
    `scale`. What stands beside them is kept, and wins where both say something.

    Args:
        asked: questions that take the place of all that the experiment asks and builds itself.

    Raises:
        ConfigError: a scale that does not fit, or two questions that mean different things by one
            name.
        UnknownPluginError: a question that nobody has installed.
    """
    if asked:
        values = {key: value for key, value in values.items() if key not in {*PARTS, "expect"}}
        values |= {"name": "-".join([str(values.get("name")), *asked]), "question": list(asked)}
    names, scale = _names(values), values.get("scale") or {}
    values = {key: value for key, value in values.items() if key not in ASKING}
    if not names:
        return values
    built = _build(names, scale, values)
    for kind in ("tokenizers", "priors"):
        own = values.get(kind) or {}
        built[kind] = merge(built[kind], own) if isinstance(own, dict) else own
    for kind in ("systems", "headlines"):
        built[kind] += [one for one in values.get(kind) or () if one not in built[kind]]
    # one mapping may stand in several parts; an override must change one of them alone
    unshared: dict[str, Any] = json.loads(json.dumps(built, default=str))
    return values | unshared


def _names(values: Mapping[str, Any]) -> list[str]:
    """The questions that are asked; an experiment itself has no such key, and no word near it."""
    for key in values.keys() - ASKING:
        if close := did_you_mean(str(key), ASKING):
            raise ConfigError(f"experiment.{key}: no such key.{close}")
    asked = values.get("question") or []
    names = [asked] if isinstance(asked, str) else asked
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ConfigError(
            f"experiment.question: must be a name or a list of names (got {asked!r})."
        )
    return list(dict.fromkeys(names))


def _build(names: Sequence[str], scale: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """What all questions build, as an experiment writes it."""
    data = parse_config(DataConfig, values.get("data") or {}, "experiment.data")
    questions: dict[str, Question] = {name: find("question", name).load()() for name in names}
    _check_scale(scale, questions.values())
    built: dict[str, Any] = {"tokenizers": {}, "priors": {}, "systems": [], "headlines": []}
    for name, question in questions.items():
        known = {key: scale[key] for key in scale if key in question.Config.model_fields}
        parsed = parse_config(question.Config, known, "experiment.scale")
        _add(built, name, question.build(parsed, data.resolution))
    return built


def _check_scale(scale: Any, questions: Iterable[Question]) -> None:
    """Each key must be one that some question reads."""
    if not isinstance(scale, dict):
        raise ConfigError(f"experiment.scale: must be a mapping of keys (got {scale!r}).")
    legal = sorted({key for question in questions for key in question.Config.model_fields})
    for key in scale:
        if key not in legal:
            raise ConfigError(
                f"experiment.scale.{key}: no such key.{did_you_mean(key, legal)} "
                f"Legal keys here: {', '.join(legal)}."
            )


def _add(built: dict[str, Any], question: str, fragment: Fragment) -> None:
    """Put a question's fragment to those before it; what is shared stands once."""
    for kind, specs in (("tokenizers", fragment.tokenizers), ("priors", fragment.priors)):
        for name, spec in specs.items():
            if built[kind].setdefault(name, spec) != spec:
                raise ConfigError(
                    f"The question {question!r} means another {name!r} in {kind} than one before "
                    f"it: {spec} and {built[kind][name]}. Ask them in two experiments."
                )
    systems = [{"tokenizer": tokenizer, "prior": prior} for tokenizer, prior in fragment.systems]
    built["systems"] += [system for system in systems if system not in built["systems"]]
    built["headlines"] += [{**headline, "question": question} for headline in fragment.headlines]
