"""Record: one measured (or published) number with everything needed to believe it."""

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from .config import Config
from .errors import DamagedFileError

SCHEMA_VERSION = 1


class Record(Config):
    """One line of records.jsonl.

    Set-level scores (a Fréchet distance, a usage) have no `raw`; means of per-image values keep
    those values in `raw`, so that two systems can be compared in pairs on the same images.
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
    seed: int
    raw: list[float] | None = None
    clusters: list[str] | None = Field(None, description="the photograph of each raw value")
    environment: str
    source: Literal["measured", "published"] = "measured"
    citation: str | None = None


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


def plain(value: Any) -> Any:
    """A value as JSON can hold it: infinities and NaN as strings, tuples as lists."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # pydantic reads "inf" and "nan" back as floats
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value
