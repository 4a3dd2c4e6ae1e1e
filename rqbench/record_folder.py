"""A folder of records without models, as `rqbench report` reads it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from . import __version__
from .environment import environment_id
from .files import write_json
from .metrics.protocol import Protocol
from .record import Record, plain
from .remarks import Contrast, Remark
from .run_folder import ENVIRONMENTS, INDEX
from .stages.recording import write_with_protocols


def write_record_folder(
    folder: Path,
    records: Sequence[Record],
    protocols: Mapping[str, Protocol],
    environment: Mapping[str, Any],
    parts: tuple[Sequence[str], Sequence[str]],
    facts: tuple[str, Mapping[str, Any]],
    remarks: Sequence[Remark] = (),
    contrasts: Sequence[Contrast] = (),
) -> list[str]:
    """Write records, what their protocols and environment stand for, and what else is known.

    Args:
        parts: names of the tokenizers, and of the systems.
        facts: a file's name, and what it holds.
        remarks, contrasts: what reports show beside the numbers.

    Returns:
        The names of the files, for `seal`.
    """
    names = write_with_protocols(folder, records, protocols)
    where = f"{ENVIRONMENTS}/{environment_id(dict(environment))}.json"
    write_json(folder / where, environment)
    tokenizers, systems = parts
    index = {
        "tokenizers": list(tokenizers), "systems": list(systems), "training": {}, "pictures": {},
        "models": {}, "headlines": [],
        "remarks": [plain(each.model_dump()) for each in remarks],
        "contrasts": [plain(each.model_dump()) for each in contrasts],
    }  # fmt: skip
    write_json(folder / INDEX, index)
    name, known = facts
    write_json(folder / name, {"rqbench": __version__, **known})
    return [*names, where, INDEX, name]
