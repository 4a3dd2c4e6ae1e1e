"""Sweeps: one experiment for several values of a key, as one experiment with more systems."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .errors import ConfigError
from .experiment import Experiment
from .swept_keys import with_values

Names = Mapping[str, str]
"""By a tokenizer's or prior's name in the experiment, its name at one point of the sweep."""


@dataclass(frozen=True)
class Point:
    """One combination of values.

    Attributes:
        values: by key.
        tokenizers, priors: their names here; the ones that no value touches keep theirs.
    """

    values: Mapping[str, Any]
    tokenizers: Names
    priors: Names

    def name(self, system: str) -> str:
        """What a tokenizer or system of the experiment is called at this point."""
        tokenizer, plus, prior = system.partition(" + ")
        first = self.tokenizers[tokenizer]
        return f"{first}{plus}{self.priors[prior]}" if plus else first


@dataclass(frozen=True)
class Sweep:
    """What an experiment with `sweep` stands for.

    Attributes:
        experiments: with everything that is compared, and without `sweep`; more than one only where
            data or measurements are swept, since those belong to all systems of an experiment.
        points: the combinations of values, in order; none without a sweep.
    """

    experiments: tuple[Experiment, ...]
    points: tuple[Point, ...] = ()


def expand(experiment: Experiment) -> Sweep:
    """Give each system that a swept key touches one copy for each value; the others stay one.

    Raises:
        ConfigError: a key that cannot be swept, or a value that the experiment refuses.
    """
    if not experiment.sweep:
        return Sweep((experiment,))
    keys = list(experiment.sweep)
    combinations = [
        dict(zip(keys, values, strict=True))
        for values in itertools.product(*experiment.sweep.values())
    ]
    variants = [with_values(experiment, values) for values in combinations]
    _check_difference(variants, combinations)
    points = [
        Point(values, names, priors)
        for values, names, priors in zip(
            combinations,
            _names(variants, combinations, "tokenizers", _tokenizer_facts),
            _names(variants, combinations, "priors", _prior_facts),
            strict=True,
        )
    ]
    merged: list[Experiment] = []
    for variant, point in zip(variants, points, strict=True):
        renamed = _renamed(variant, point)
        place = next((i for i, one in enumerate(merged) if _same_bench(one, renamed)), None)
        if place is None:
            merged.append(renamed)
        else:
            merged[place] = _merge(merged[place], renamed)
    return Sweep(tuple(merged), tuple(points))


def _names(
    variants: Sequence[Experiment],
    combinations: Sequence[Mapping[str, Any]],
    kind: Literal["tokenizers", "priors"],
    facts: Callable[[Experiment, str], Any],
) -> list[Names]:
    """Names at each point: in brackets the values of the keys that make a difference."""
    found: list[dict[str, str]] = [{} for _ in variants]
    for name in getattr(variants[0], kind):
        known = [facts(variant, name) for variant in variants]
        telling = _telling(known, combinations)
        for names, values in zip(found, combinations, strict=True):
            label = ", ".join(f"{key.rpartition('.')[2]}={values[key]}" for key in telling)
            names[name] = f"{name} [{label}]" if label else name
    return list(found)


def _telling(known: Sequence[Any], combinations: Sequence[Mapping[str, Any]]) -> list[str]:
    """The keys of which one value gives something else than another, all other keys equal."""
    return [
        key
        for key in combinations[0]
        if any(
            one != other
            for (one, values), (other, others) in itertools.combinations(
                zip(known, combinations, strict=True), 2
            )
            if all(values[each] == others[each] for each in values if each != key)
        )
    ]


def _check_difference(
    variants: Sequence[Experiment], combinations: Sequence[Mapping[str, Any]]
) -> None:
    """Raises ConfigError where a key has several values and they all give the same."""
    telling = _telling([_whole(variant) for variant in variants], combinations)
    for key in combinations[0].keys() - telling:
        values = [values[key] for values in combinations]
        if any(value != values[0] for value in values):
            said = ", ".join(dict.fromkeys(map(repr, values)))
            raise ConfigError(
                f"sweep: {key!r} makes no difference: {said} give the same systems, trained and "
                "measured alike. Leave it out, or sweep a key that they use."
            )


def _whole(experiment: Experiment) -> Any:
    """Everything that is compared."""
    return (
        {name: _tokenizer_facts(experiment, name) for name in experiment.tokenizers},
        {name: _prior_facts(experiment, name) for name in experiment.priors},
        experiment.systems,
        experiment.headlines,
    )


def _tokenizer_facts(experiment: Experiment, name: str) -> Any:
    """What makes a tokenizer's records: itself, its training, what it is measured on."""
    training = experiment.tokenizer_training(name)
    bench = (experiment.data, experiment.measure)
    return (experiment.tokenizers[name].type, experiment.tokenizers[name].config, training, bench)


def _prior_facts(experiment: Experiment, name: str) -> Any:
    spec = experiment.priors[name]
    return (spec.type, spec.config, spec.sampling, experiment.prior_training(name))


def _same_bench(one: Experiment, other: Experiment) -> bool:
    return (one.data, one.measure) == (other.data, other.measure)


def _renamed(variant: Experiment, point: Point) -> Experiment:
    """The variant under its names here; each part carries its whole training with it."""
    tokenizers = {
        point.tokenizers[name]: spec.model_copy(
            update={"training": variant.tokenizer_training(name).model_dump(mode="json")}
        )
        for name, spec in variant.tokenizers.items()
    }
    priors = {
        point.priors[name]: spec.model_copy(
            update={"training": variant.prior_training(name).model_dump(mode="json")}
        )
        for name, spec in variant.priors.items()
    }
    systems = tuple(
        system.model_copy(
            update={
                "tokenizer": point.tokenizers[system.tokenizer],
                "prior": point.priors[system.prior],
            }
        )
        for system in variant.systems
    )
    headlines = tuple(
        headline.model_copy(
            update={
                "system": point.name(headline.system),
                "against": (
                    point.name(headline.against)
                    if isinstance(headline.against, str)
                    else tuple(point.name(name) for name in headline.against)
                ),
            }
        )
        for headline in variant.headlines
    )
    return variant.model_copy(
        update={
            "tokenizers": tokenizers, "priors": priors, "systems": systems, "headlines": headlines,
        }
    )  # fmt: skip


def _merge(one: Experiment, other: Experiment) -> Experiment:
    """Both experiments' systems and headlines, what is the same once."""
    return one.model_copy(
        update={
            "tokenizers": {**one.tokenizers, **other.tokenizers},
            "priors": {**one.priors, **other.priors},
            "systems": tuple(dict.fromkeys((*one.systems, *other.systems))),
            "headlines": tuple(dict.fromkeys((*one.headlines, *other.headlines))),
        }
    )
