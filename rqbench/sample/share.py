"""`--share I/N`: which blocks one of several processes draws."""

import re
from dataclasses import dataclass

from ..errors import ConfigError


@dataclass(frozen=True)
class Share:
    """Process `index` of `of`, counted from 1. It decides who draws a block, never what."""

    index: int = 1
    of: int = 1

    def takes(self, block: int) -> bool:
        """Whether it draws this block; blocks are counted from 0."""
        return block % self.of == self.index - 1

    def __str__(self) -> str:
        return f"{self.index}/{self.of}"


EVERYTHING = Share()


def parse_share(text: str) -> Share:
    """
    Raises:
        ConfigError: it is not I/N with I from 1 to N.
    """
    found = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text)
    share = Share(int(found[1]), int(found[2])) if found else None
    if share is None or not 1 <= share.index <= share.of:
        raise ConfigError(
            f"--share {text} names no share. Write I/N for process I of N, counted from 1: 1/2 and "
            "2/2 together draw everything."
        )
    return share
