"""Mirrors rqbench/metrics/frechet_correction.py."""

import math

import pytest
import torch

from rqbench.metrics import frechet_correction as module
from rqbench.metrics.frechet import Gaussian, frechet_parts, gaussian, gaussian_of
from rqbench.metrics.frechet_correction import corrected_distance, corrected_shared, root_gaps
from rqbench.metrics.moments import Moments

SINGULAR = torch.rand(40, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) + 0.1


def closed_form(singular, freedom):
    """Tiomoko and Couillet 2019: 2 n sum (l^1/2 - x^1/2), x of a matrix less one of rank one."""
    below = torch.diag(singular.square()) - torch.outer(singular, singular) / freedom
    return 2 * freedom * float(singular.sum() - torch.linalg.eigvalsh(below).sqrt().sum())


def test_of_one_dimension_it_is_what_the_equation_says():
    # l / (l - x) = n gives x = l (1 - 1 / n): with l = 9, n = 9 the roots are 3 and 8 ** 0.5
    found = root_gaps(torch.tensor([3.0], dtype=torch.float64), 9.0)
    assert found.item() == pytest.approx(3 - 8**0.5)


def test_for_equal_counts_it_is_the_published_closed_form():
    for freedom in (41.0, 100.0):
        found = corrected_shared(SINGULAR, freedom, freedom)
        assert found == pytest.approx(closed_form(SINGULAR, freedom), rel=1e-9)


def test_for_other_counts_it_is_the_integral_between_them(monkeypatch):
    first, second = 60.0, 200.0
    grid = torch.linspace(0, math.pi, 2001, dtype=torch.float64)[1::2]  # midpoints of its cosine
    counts = (first + second) / 2 + (first - second) / 2 * torch.cos(grid)
    gaps = [closed_form(SINGULAR, float(count)) / (2 * count) for count in counts]
    expected = 2 * (first * second) ** 0.5 * float(torch.stack(gaps).mean())
    monkeypatch.setattr(module, "_BLOCK_VALUES", 100)  # so that blocks end in the middle
    assert corrected_shared(SINGULAR, first, second) == pytest.approx(expected, rel=1e-6)
    assert corrected_shared(SINGULAR, second, first) == pytest.approx(expected, rel=1e-6)


def test_a_side_known_exactly_is_the_limit_of_many_images():
    exact = corrected_shared(SINGULAR, 60.0, math.inf)
    assert corrected_shared(SINGULAR, 60.0, 1e9) == pytest.approx(exact, rel=1e-6)
    assert corrected_shared(SINGULAR, 60.0, 1e4) != pytest.approx(exact, rel=1e-4)
    assert corrected_shared(SINGULAR, 1e12, 1e12) == pytest.approx(float(SINGULAR.sum()), rel=1e-9)
    assert corrected_shared(SINGULAR, math.inf, math.inf) == float(SINGULAR.sum())


@pytest.mark.parametrize(("first", "second"), [(200, 200), (150, 600), (200, None)])
def test_its_mean_over_draws_is_the_true_distance(first, second):
    """Plain distances of these draws err by more than 4; the corrected by less than a fifth."""
    dim, trials = 60, 60
    deviations = torch.linspace(0.5, 2, dim, dtype=torch.float64)
    exact = Gaussian(torch.zeros(dim, dtype=torch.float64), torch.eye(dim, dtype=torch.float64))
    truth = float((deviations - 1).square().sum())
    plain, corrected = 0.0, 0.0
    for _ in range(trials):
        drawn = gaussian(torch.randn(first, dim, dtype=torch.float64) * deviations)
        other = exact if second is None else gaussian(torch.randn(second, dim))
        parts = frechet_parts(drawn, other)
        plain += parts.distance / trials
        corrected += corrected_distance(drawn, other, parts).value / trials
    assert plain - truth > 4
    assert corrected == pytest.approx(truth, abs=0.2)


def test_a_reference_without_a_count_is_taken_as_exact_and_that_is_said():
    drawn = gaussian(torch.randn(50, 4))
    fixed = gaussian_of(Moments.given(torch.zeros(4), torch.eye(4)))
    found = corrected_distance(drawn, fixed, frechet_parts(drawn, fixed))
    assert found.value is not None and "taken as exact" in found.note


def test_a_feature_that_never_changes_takes_no_part():
    a, b = torch.randn(2, 60, 5, dtype=torch.float64)
    dead = torch.ones(60, 1, dtype=torch.float64)
    found = []
    for pair in ((a, b), (torch.hstack([a, dead]), torch.hstack([b, dead]))):
        sides = [gaussian_of(Moments.of(cloud)) for cloud in pair]
        found.append(corrected_distance(*sides, frechet_parts(*sides)).value)
    assert found[1] == pytest.approx(found[0], rel=1e-9)


def test_no_more_images_than_features_have_no_correction_and_the_reason():
    few, many = gaussian(torch.randn(5, 8)), gaussian(torch.randn(50, 8))
    found = corrected_distance(few, many, frechet_parts(few, many))
    assert found.value is None
    assert "5 are too few" in found.note
