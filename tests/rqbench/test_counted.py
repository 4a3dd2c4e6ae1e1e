"""Mirrors rqbench/counted.py."""

import pytest

from rqbench.counted import counted


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 pictures"), (1, "1 picture"), (2000, "2,000 pictures")]
)
def test_one_thing_is_no_plural(count, said):
    assert counted(count, "picture") == said
