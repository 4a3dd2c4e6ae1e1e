"""What the keys of a sweep mean: an experiment with one value for each of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from .config import Config, parse_config
from .errors import ConfigError, did_you_mean
from .experiment import Experiment, PriorSpec, TokenizerSpec, check_names
from .overrides import set_key
from .plugins import find
from .question import ASKING
from .recipes import TRAINED


def with_values(experiment: Experiment, values: Mapping[str, Any]) -> Experiment:
    """The experiment without its sweep, and with one value for each swept key.

    Raises:
        ConfigError: a key that cannot be swept, or a value that the experiment refuses.
    """
    plain = experiment.model_dump(mode="json") | {"sweep": {}}
    for key, value in values.items():
        for path in _paths(experiment, key):
            set_key(plain, path, value, f"sweep {key}")
    said = ", ".join(f"{key}={value}" for key, value in values.items())
    changed = parse_config(Experiment, plain, f"sweep {said}")
    check_names(changed)
    return changed


def _paths(experiment: Experiment, key: str) -> list[str]:
    """The key itself; of `tokenizer.KEY` and `prior.KEY` one for each whose config has that key."""
    kind, _, rest = key.partition(".")
    if kind in ASKING:
        raise ConfigError(
            f"sweep: {key!r} cannot be swept: questions have built their systems before values are "
            "swept. Sweep what was built (tokenizers.NAME.config.KEY, tokenizer.KEY), or run one "
            f"experiment for each {kind} and draw one report with `rqbench report A B --out C`."
        )
    if key in {f"training.{trained}.recipe" for trained in TRAINED}:
        raise ConfigError(
            f"sweep: {key!r} cannot be swept, since all settings of the experiment would go over "
            "each recipe. Sweep tokenizers.NAME.training.recipe or priors.NAME.training.recipe."
        )
    named: dict[str, Mapping[str, TokenizerSpec | PriorSpec]] = {
        "tokenizer": experiment.tokenizers, "prior": experiment.priors
    }  # fmt: skip
    if kind not in named:
        if key in {"name", "seed", "seeds", "sweep"} or not rest:
            raise ConfigError(
                f"sweep: {key!r} cannot be swept. Sweep a key of one tokenizer "
                "(tokenizers.NAME.config.depth), of all that have it (tokenizer.depth), of a "
                "prior, of training, data or measure; several training seeds are --seeds N."
            )
        return [key]
    found = [
        f"{kind}s.{name}.config.{rest}"
        for name, spec in named[kind].items()
        if _has(find(kind, spec.type).load().Config, rest)
    ]
    if not found:
        raise ConfigError(
            f"sweep: no {kind} of this experiment has a key {rest!r} in its config."
            f"{did_you_mean(rest, _keys(kind, named[kind].values()))} "
            f"Its {kind}s: {', '.join(named[kind]) or 'none'}."
        )
    return found


def _keys(kind: str, specs: Iterable[TokenizerSpec | PriorSpec]) -> list[str]:
    fields = (find(kind, spec.type).load().Config.model_fields for spec in specs)
    return sorted({key for each in fields for key in each})


def _has(config: type[Config], path: str) -> bool:
    first, _, rest = path.partition(".")
    field = config.model_fields.get(first)
    if field is None:
        return False
    inner = field.annotation
    return not rest or (isinstance(inner, type) and issubclass(inner, Config) and _has(inner, rest))
