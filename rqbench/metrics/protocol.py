"""Protocol: what a number was measured by, so that only like is compared with like."""

import hashlib
import json

from pydantic import Field

from rqbench.config import Config


class Protocol(Config):
    """Everything that could have been done otherwise and would have changed the number.

    Crop, resizing, pixel rounding, reference and split, extractor and hash of its weights, number
    of images, splits: whatever a metric depends on is a clause by name.
    """

    id: str = Field(min_length=1, description="short name that tables print")
    clauses: dict[str, str | int | float] = Field(default_factory=dict)

    @property
    def hash(self) -> str:
        """Twelve hexadecimal digits that change with the id and any clause, not their order."""
        text = json.dumps(
            {"id": self.id, "clauses": self.clauses},
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=True,
            allow_nan=False,
        )
        return hashlib.sha256(text.encode()).hexdigest()[:12]
