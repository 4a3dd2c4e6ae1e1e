"""Mirrors rqbench/speed/audit.py; tests/priors/test_speed_audit.py plants faults in priors."""

from math import exp, factorial

import pytest

from rqbench.speed.audit import Audit


@pytest.mark.parametrize("expected", [0.0, 1.0, 40.0])
def test_more_symbols_than_are_allowed_differ_once_in_500_million_times(expected):
    allowed, mean = Audit("logits", expected=expected).allowed, 2 * expected + 0.1
    more, most = (
        sum(exp(-mean) * mean**n / factorial(n) for n in range(first, 150))
        for first in (allowed + 1, allowed)
    )
    assert more <= 2e-9 < most
