"""What the error bars of rqbench/metrics promise, on simulated features of known distance.

The quick trials are part of the suite. The full table of docs/fidelity-statistics.md:

    RQBENCH_SIMULATE=200 pytest -s tests/rqbench/metrics/test_error_bars.py -k full
"""

import math
import os
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import Tensor

from rqbench.metrics.difference import difference
from rqbench.metrics.frechet import Gaussian, frechet_distance, gaussian_of
from rqbench.metrics.frechet_infinity import frechet_at_infinity
from rqbench.metrics.frechet_score import frechet_score
from rqbench.metrics.influence import Measured
from rqbench.metrics.moments import Moments

TRIALS = 200
FULL_TRIALS = int(os.environ.get("RQBENCH_SIMULATE", 0))
is_full = pytest.mark.skipif(
    not FULL_TRIALS, reason="hours; set RQBENCH_SIMULATE to a number of trials, as 200, to run it"
)
SCALES = {"zero": 0.0, "small": 0.3, "large": 3.0}


@dataclass(frozen=True)
class Law:
    """Features are standard draws times `root`, plus `mean`."""

    mean: Tensor
    root: Tensor
    kind: str = "normal"

    def draw(self, n: int) -> Tensor:
        return NOISE[self.kind](torch.randn(n, len(self.mean), dtype=torch.float64)) @ self.root + (
            self.mean
        )


def rectified(draws: Tensor) -> Tensor:
    """What a ReLU leaves of them, mean zero and variance one."""
    return (draws.relu() - (0.5 / math.pi) ** 0.5) / (0.5 - 0.5 / math.pi) ** 0.5


def tailed(draws: Tensor) -> Tensor:
    """Student's t of six degrees of freedom, variance one."""
    squares = sum(torch.randn_like(draws).square() for _ in range(6))
    return draws * (4 / squares).sqrt()


def stretched(draws: Tensor) -> Tensor:
    """All features of a picture stretched at once, by a tenth up or down; variance one."""
    lengths = 1 + 0.1 * torch.randn(len(draws), 1, dtype=torch.float64)
    return draws * lengths / 1.01**0.5


NOISE = {
    "normal": lambda draws: draws,
    "rectified": rectified,
    "tailed": tailed,
    "stretched": stretched,
}


def laws(dim: int, scale: float, kind: str = "normal") -> tuple[Law, Law]:
    """Spectra that fall as those of networks do; the second is turned, stretched and moved."""
    source = torch.Generator().manual_seed(5)
    drawn = torch.randn(dim, dim + 2, generator=source, dtype=torch.float64)
    spectrum = torch.arange(1, dim + 1, dtype=torch.float64).pow(-0.7)
    spectrum *= dim / spectrum.sum()
    turn = torch.matrix_exp(scale * 0.02 * (drawn[:, :dim] - drawn[:, :dim].T))
    wider = spectrum * torch.exp(scale * 0.3 * drawn[:, dim])
    return (
        Law(torch.zeros(dim, dtype=torch.float64), torch.diag(spectrum.sqrt()), kind),
        Law(scale * 0.1 * drawn[:, dim + 1], wider.sqrt()[:, None] * turn, kind),
    )


def true_distance(first: Law, second: Law) -> float:
    return frechet_distance(Gaussian(first.mean, first.root), Gaussian(second.mean, second.root))


def fit(features: Tensor) -> Gaussian:
    return gaussian_of(Moments.of(features))


def measure(reference: Tensor, candidate: Tensor) -> tuple[Measured, float]:
    """The corrected distance with its influences; and the plain one."""
    score = frechet_score(reference, candidate)
    assert score.corrected.value is not None
    assert score.reference is not None and score.candidate is not None
    return Measured(score.corrected.value, score.reference, score.candidate), score.plain


def covered(
    dim: int, n: int, scale: float, trials: int, kind: str = "normal"
) -> tuple[float, float]:
    """Share of trials whose 95% interval holds the true distance; mean bias of the plain one."""
    first, second = laws(dim, scale, kind)
    truth = true_distance(first, second)
    hits, values, errors, plain = [], [], [], []
    for _ in range(trials):
        measured, distance = measure(first.draw(n), second.draw(n))
        error = measured.error
        low, high = error.interval(measured.value)
        hits.append(low <= truth <= high)
        values.append(measured.value)
        errors.append(error.standard_error)
        plain.append(distance - truth)
    share = float(np.mean(hits))
    print(
        f"\n{kind} d={dim} n={n} true {truth:.3f} plain bias {np.mean(plain):.3f} corrected bias "
        f"{np.mean(values) - truth:.4f} deviation {np.std(values):.4f} mean error "
        f"{np.mean(errors):.4f} covered {share:.3f} of {trials}",
        flush=True,
    )
    return share, float(np.mean(plain))


@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES.keys())
def test_the_corrected_interval_covers_the_true_distance(scale):
    share, bias = covered(32, 1000, scale, TRIALS)
    assert 0.90 <= share <= 0.98
    assert bias > 0.3


@is_full
@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES.keys())
@pytest.mark.parametrize(("dim", "n"), [(64, 2000), (64, 10000), (512, 2000), (512, 10000)])
def test_full_coverage(dim, n, scale):
    assert 0.90 <= covered(dim, n, scale, FULL_TRIALS)[0] <= 0.98


@is_full
@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES.keys())
@pytest.mark.parametrize(("dim", "n"), [(64, 2000), (64, 10000), (512, 2000)])
@pytest.mark.parametrize("kind", ["rectified", "tailed", "stretched"])
def test_full_kinds(dim, n, scale, kind):
    """Where features are not normal nothing is promised; the table says what comes."""
    covered(dim, n, scale, FULL_TRIALS, kind)


def bootstrapped(dim: int, n: int, scale: float, trials: int, resamples: int) -> float:
    """Share of trials whose percentile bootstrap of the plain distance holds the true one."""
    first, second = laws(dim, scale)
    truth = true_distance(first, second)
    hits = []
    for _ in range(trials):
        sets = first.draw(n), second.draw(n)
        again = [
            frechet_distance(*(fit(one[torch.randint(n, (n,))]) for one in sets))
            for _ in range(resamples)
        ]
        low, high = np.percentile(again, [2.5, 97.5])
        hits.append(low <= truth <= high)
    print(f"\nd={dim} n={n} true {truth:.3f} bootstrap covered {np.mean(hits):.3f} of {trials}")
    return float(np.mean(hits))


def test_a_plain_percentile_bootstrap_covers_almost_none():
    assert bootstrapped(32, 1000, 0.3, trials=20, resamples=40) < 0.2


@is_full
@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES.keys())
@pytest.mark.parametrize(
    ("dim", "n", "trials"), [(64, 2000, 200), (64, 10000, 50), (512, 2000, 20), (512, 10000, 10)]
)
def test_full_bootstrap(dim, n, trials, scale):
    bootstrapped(dim, n, scale, trials, resamples=50)


@is_full
@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES.keys())
@pytest.mark.parametrize(("dim", "trials"), [(64, 50), (512, 10)])
def test_full_infinity(dim, trials, scale):
    first, second = laws(dim, scale)
    truth = true_distance(first, second)
    found = [frechet_at_infinity(first.draw(2000), second.draw(2000)) for _ in range(trials)]
    errors = [np.mean([abs(one.value - truth) for one in found])]
    errors.append(np.mean([abs(one.distances[-1] - truth) for one in found]))
    print(
        f"\nd={dim} n=2000 true {truth:.3f} error at infinity {errors[0]:.3f} plain {errors[1]:.3f}"
    )
    assert errors[0] < errors[1] / 2


def called(dim: int, n: int, scale: float, trials: int) -> tuple[float, float]:
    """Shares of trials in which two draws of one distribution differ by p < 0.05; and in which a
    draw of one that is further by twice the printed smallest difference does."""
    reference, system = laws(dim, scale)
    false, found = [], []
    truth = frechet_distance(
        Gaussian(reference.mean, reference.root), Gaussian(system.mean, system.root)
    )
    for _ in range(trials):
        against, ours, theirs = reference.draw(n), system.draw(n), system.draw(n)
        first = measure(against, ours)[0]
        same = difference(first, measure(against, theirs)[0])
        false.append(same.p_value < 0.05)
        moved = further(reference, system, 2 * same.smallest_detectable)
        distance = frechet_distance(
            Gaussian(reference.mean, reference.root), Gaussian(system.mean + moved, system.root)
        )
        assert distance - truth == pytest.approx(2 * same.smallest_detectable)
        found.append(difference(first, measure(against, theirs + moved)[0]).p_value < 0.05)
    shares = float(np.mean(false)), float(np.mean(found))
    print(
        f"\nd={dim} n={n} true {truth:.3f} called different {shares[0]:.3f}, twice the smallest "
        f"difference found {shares[1]:.3f} of {trials}",
        flush=True,
    )
    return shares


def further(reference: Law, system: Law, amount: float) -> Tensor:
    """A shift of the mean away from the reference that adds so much to the distance."""
    apart = system.mean - reference.mean
    length = float(apart.norm())
    direction = apart / length if length else torch.ones_like(apart) / len(apart) ** 0.5
    return direction * ((length**2 + amount) ** 0.5 - length)


@pytest.mark.parametrize("scale", [0.0, 1.0], ids=["at the reference", "apart from it"])
def test_equal_systems_are_rarely_called_different_and_others_are_found(scale):
    false, found = called(16, 300, scale, TRIALS)
    assert false <= 0.08
    assert found >= 0.75


@is_full
@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES.keys())
@pytest.mark.parametrize(("dim", "n"), [(64, 2000), (512, 2000)])
def test_full_differences(dim, n, scale):
    false, found = called(dim, n, scale, FULL_TRIALS)
    assert false <= 0.08
    assert found >= 0.75
