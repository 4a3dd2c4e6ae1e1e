"""Mirrors rqbench/metrics/frechet_score.py."""

import pytest
import torch

from rqbench.metrics.frechet import frechet_distance, frechet_parts, gaussian, gaussian_of
from rqbench.metrics.frechet_correction import corrected_distance
from rqbench.metrics.frechet_error import frechet_influences, transports
from rqbench.metrics.frechet_score import frechet_score
from rqbench.metrics.frechet_tails import tail_bias
from rqbench.metrics.moments import Moments

REFERENCE, CANDIDATE = torch.randn(2, 90, 6, generator=torch.Generator().manual_seed(1)).double()
FITTED = tuple(gaussian_of(Moments.of(cloud)) for cloud in (REFERENCE, CANDIDATE))


def test_the_parts_come_together():
    found = frechet_score(REFERENCE, CANDIDATE)
    assert found.plain == pytest.approx(frechet_distance(*map(gaussian, (REFERENCE, CANDIDATE))))
    there, back = transports(*FITTED)
    tails = tail_bias(REFERENCE, there) + tail_bias(CANDIDATE, back)
    expected = corrected_distance(*FITTED, frechet_parts(*FITTED)).value - tails
    assert found.corrected.value == pytest.approx(expected)
    for one, other in zip(
        (found.reference, found.candidate), frechet_influences(REFERENCE, CANDIDATE), strict=True
    ):
        torch.testing.assert_close(one.values, other.values)


def test_counted_statistics_of_the_reference_give_the_same_but_its_tails_and_influences():
    found = frechet_score(FITTED[0], CANDIDATE)
    whole = frechet_score(REFERENCE, CANDIDATE)
    assert found.plain == pytest.approx(whole.plain)
    tails = tail_bias(REFERENCE, transports(*FITTED)[0])
    assert found.corrected.value - tails == pytest.approx(whole.corrected.value)
    assert found.reference is None
    torch.testing.assert_close(found.candidate.values, whole.candidate.values)


def test_too_few_pictures_have_a_plain_distance_alone_and_the_reason():
    found = frechet_score(REFERENCE, CANDIDATE[:6])
    assert found.plain > 0
    assert found.corrected.value is None and "6 are too few" in found.corrected.note
    assert found.reference is None and found.candidate is None
