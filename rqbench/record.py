"""Record: one measured (or published) number with everything needed to believe it."""

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import stdev
from typing import Any, Literal

from pydantic import Field

from .config import Config
from .errors import DamagedFileError
from .metric_names import describe

SCHEMA_VERSION = 3
"""1 had no replicates, pooled seeds or setup; 2 no images. Their records are still read."""


class Record(Config):
    """One line of records.jsonl.

    Means of per-image values keep those values in `raw`, so that two systems can be compared in
    pairs on the same images; scores of a whole set (a Fréchet distance) keep in `replicates` what
    they become without each cluster. Both may be pooled over several trainings, as `pool` does.
    """

    schema_version: int = SCHEMA_VERSION
    experiment: str
    system: str = Field(
        description="a tokenizer with a prior; the tokenizer's name alone before that"
    )
    tokenizer: str
    prior: str | None = None
    data: str
    split: str
    metric: str = Field(description="ends with its unit where it has one: psnr_db, rate_prior_bpp")
    value: float
    unit: str = ""
    higher_is_better: bool | None = None
    ci95: tuple[float, float] | None = None
    ci_method: str | None = Field(None, description="how the interval was made")
    n: int = Field(description="images, or repeats of a timing")
    protocol: str
    protocol_hash: str
    settings: dict[str, Any] = Field(
        default_factory=dict, description="what varies inside a system"
    )
    setup: dict[str, str] | None = Field(
        None, description="of costs, digests of the part's model, training and sampling"
    )
    seed: int
    raw: list[float] | None = None
    clusters: list[str] | None = Field(
        None, description="the photograph of each raw value, or the one each replicate leaves out"
    )
    images: list[int] | None = Field(
        None, description="which of the measured images each raw value is of; None: all, in order"
    )
    replicates: list[float] | None = Field(
        None, description="the score without each cluster; of samples, without each random block"
    )
    seed_values: dict[int, float] | None = Field(
        None, description="of a pooled record, the value of each training seed"
    )
    image_ci95: tuple[float, float] | None = Field(
        None, description="of a pooled record, the interval that images alone give"
    )
    environment: str
    source: Literal["measured", "published"] = "measured"
    citation: str | None = None

    @property
    def possible_ci95(self) -> tuple[float, float] | None:
        """What of `ci95` the value can be: to be shown, since no error follows from its width."""
        return self.ci95 and describe(self.metric).possible(self.ci95)

    @property
    def seeds(self) -> tuple[int, ...]:
        """The training seeds behind the value."""
        return tuple(self.seed_values or (self.seed,))

    @property
    def seed_sd(self) -> float | None:
        """Standard deviation from seed to seed; None of one seed."""
        return stdev(self.seed_values.values()) if self.seed_values else None


def write_records(path: Path, records: Iterable[Record]) -> None:
    """One JSON line a record; infinities as strings, which `read_records` turns back."""
    lines = [json.dumps(plain(record.model_dump(mode="python"))) for record in records]
    path.write_text("".join(line + "\n" for line in lines))


def read_records(path: Path) -> list[Record]:
    """All records of a file.

    Raises:
        DamagedFileError: a line that is no record, with its number.
    """
    records = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            records.append(Record.model_validate(json.loads(line)))
        except ValueError as error:
            raise DamagedFileError(
                f"{path}, line {number} is no record of schema {SCHEMA_VERSION}: "
                f"{str(error).splitlines()[0]}. Run `rqbench compare` again to rebuild the file."
            ) from None
    return records


def settings_text(settings: Mapping[str, Any]) -> str:
    """`depth=2` or `fine_ratio_target=0.3, threshold=1.3`: sorted, and equal for equal settings."""
    texts = {
        key: f"{value:g}" if isinstance(value, (int, float)) else str(value)
        for key, value in settings.items()
    }
    return ", ".join(f"{key}={texts[key]}" for key in sorted(texts))


def plain(value: Any) -> Any:
    """A value as JSON can hold it: infinities and NaN as strings, tuples as lists."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # pydantic reads "inf" and "nan" back as floats
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value
