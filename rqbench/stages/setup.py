"""What identifies the setup of a part, so that comparisons see what differs between two."""

from collections.abc import Mapping

from ..choice import Sampling
from ..files import digest_of
from ..prior import Prior
from ..tokenizer import Tokenizer
from ..training import Training

SPARED = {"log_every", "checkpoint_every"}
"""Settings of a training that decide nothing of its result."""


def setup_digests(
    type_name: str, model: Tokenizer | Prior, training: Training, sampling: Sampling | None = None
) -> Mapping[str, str]:
    """Short digests of what was chosen, for `Record.setup`; defaults count as if they were said."""
    chosen = {
        "model": {"type": type_name, "config": model.config.model_dump(mode="json")},
        "training": training.model_dump(mode="json", exclude=SPARED),
    }
    if sampling is not None:
        chosen["sampling"] = sampling.model_dump(mode="json")
    return {name: digest_of(values)[:16] for name, values in chosen.items()}
