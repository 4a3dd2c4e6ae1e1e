"""The whole way from records to a verdict, on systems whose true difference is known.

Two designs: 200 crops of nine photographs, which differ by 3 dB among themselves and whose
difference between two systems varies by 0.3 dB from photograph to photograph and by 0.8 dB from
crop to crop; and 1000 labelled images, each its own. With several seeds, training again moves the
difference by 0.1 dB, and by as much once more for each photograph or image.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from rqbench.api import Record, pool
from rqbench.metrics.fidelity import Features, fidelity_scores
from rqbench_reports.bold import standing
from rqbench_reports.pairing import Comparison, compare, decide

BETWEEN_PHOTOGRAPHS_DB, PHOTOGRAPH_DB, CROP_DB, SEED_DB = 3.0, 0.3, 0.8, 0.1


@dataclass(frozen=True)
class Design:
    num_clusters: int
    crops: int
    num_seeds: int

    @property
    def clusters(self) -> list[str]:
        return [f"image{place % self.num_clusters:04d}" for place in range(self.crops)]


DESIGNS = {
    "photographs": Design(9, 200, 1),
    "photographs, 3 seeds": Design(9, 200, 3),
    "photographs, 5 seeds": Design(9, 200, 5),
    "images": Design(1000, 1000, 1),
    "images, 3 seeds": Design(1000, 1000, 3),
}
GAINS_DB = (0.8, 0.0, 0.0, 0.0, 0.0)
FACTS = {
    "experiment": "planted", "data": "photos", "split": "in-scene", "protocol": "p",
    "protocol_hash": "0", "environment": "cpu0",
}  # fmt: skip
every_design = pytest.mark.parametrize("design", DESIGNS.values(), ids=DESIGNS.keys())


def measured(name, gain_db, design, shared, random) -> Record:
    """One system's pooled record, better by `gain_db` than `shared` says; half of all noise of the
    difference of two systems is its own."""

    def noise(sd, *shape):
        return random.normal(0, sd / 2**0.5, shape)

    place = np.arange(design.crops) % design.num_clusters
    own = gain_db + shared + noise(PHOTOGRAPH_DB, design.num_clusters)[place]
    own = own + noise(CROP_DB, design.crops)
    records = []
    for seed in range(design.num_seeds):
        values = own
        if design.num_seeds > 1:
            again = noise(SEED_DB, 1) + noise(SEED_DB, design.num_clusters)[place]
            values = own + again
        records.append(
            Record(
                system=name,
                tokenizer=name,
                metric="psnr_db",
                value=float(values.mean()),
                n=design.crops,
                raw=values.tolist(),
                clusters=design.clusters,
                seed=seed,
                higher_is_better=True,
                **FACTS,
            )
        )
    (pooled,) = pool(records)
    return pooled


def trial(design, gains_db, random) -> list[Record]:
    place = np.arange(design.crops) % design.num_clusters
    shared = 25.0 + random.normal(0, BETWEEN_PHOTOGRAPHS_DB, design.num_clusters)[place]
    return [
        measured(f"system{nth}", gain, design, shared, random) for nth, gain in enumerate(gains_db)
    ]


@cache
def headlines(design: Design, gain_db: float) -> list[Comparison]:
    """A hundred trials, each a family of one comparison."""
    random = np.random.default_rng(11)
    found = []
    for _ in range(100):
        control, system = trial(design, (0.0, gain_db), random)
        found += decide([compare(system, control)])
    return found


def verdicts(comparisons: list[Comparison]) -> list[str]:
    return [found.verdict(higher_is_better=True) for found in comparisons]


@every_design
def test_systems_without_a_difference_are_undecided(design):
    assert verdicts(headlines(design, 0.0)).count("undecided") >= 92


FOUND_OF_HALF_A_DB = {
    "photographs": (90, 100),
    "photographs, 3 seeds": (65, 85),
    "photographs, 5 seeds": (90, 100),
    "images": (90, 100),
    "images, 3 seeds": (90, 100),
}
"""Least and most of a hundred. Three seeds tell their spread by two degrees of freedom, of which
Student's t makes wide intervals; photographs add their own chance to it, so that nine of them with
three seeds find half a decibel less often than with one seed, whose interval leaves out that of
training."""

SURELY_DETECTABLE_DB = 0.43


@pytest.mark.parametrize("name", DESIGNS)
def test_half_a_decibel_is_found_as_often_as_the_design_lets_it(name):
    least, most = FOUND_OF_HALF_A_DB[name]
    assert least <= verdicts(headlines(DESIGNS[name], 0.5)).count("better") <= most
    smallest = np.mean([found.smallest_detectable for found in headlines(DESIGNS[name], 0.0)])
    assert (smallest <= SURELY_DETECTABLE_DB) == (least >= 90)


@every_design
def test_the_smallest_detectable_difference_is_found_four_times_in_five(design):
    smallest = np.mean([found.smallest_detectable for found in headlines(design, 0.0)])
    assert 68 <= verdicts(headlines(design, float(smallest))).count("better") <= 92


def test_of_four_systems_without_a_difference_none_is_bold():
    random, falsely = np.random.default_rng(12), 0
    for _ in range(100):
        falsely += bool(standing("psnr_db", trial(DESIGNS["photographs"], [0.0] * 4, random)).bold)
    assert falsely <= 8


def test_of_five_headlines_the_one_with_a_difference_is_found_and_no_other():
    random, families = np.random.default_rng(13), []
    for _ in range(100):
        pairs = [trial(DESIGNS["photographs"], (0.0, gain), random) for gain in GAINS_DB]
        families.append(verdicts(decide([compare(system, control) for control, system in pairs])))
    assert sum(first == "better" for first, *_ in families) >= 90
    assert sum(set(others) != {"undecided"} for _, *others in families) <= 8


@pytest.mark.parametrize(("noise", "verdict"), [(0.5, "undecided"), (1.0, "worse")])
def test_frechet_scores_of_the_same_photographs_are_told_apart(noise, verdict):
    random, found = np.random.default_rng(14), []
    for _ in range(25):
        level = random.normal(size=(9, 6))[np.arange(90) % 9]
        originals = level + random.normal(size=(90, 6))
        control, system = (
            frechet(name, originals, originals + random.normal(0, sd, size=(90, 6)))
            for name, sd in (("control", 0.5), ("system", noise))
        )
        found += decide([compare(system, control)])
    assert [each.verdict(higher_is_better=False) for each in found].count(verdict) >= 23
    assert {each.basis for each in found} == {"paired jackknife over 9 clusters"}


def frechet(name: str, originals: NDArray[np.float64], restored: NDArray[np.float64]) -> Record:
    """The record of one tokenizer's reconstructions, whose features are given."""
    reference, candidate = (
        Features(torch.from_numpy(each).float(), torch.zeros(90, 2))
        for each in (originals, restored)
    )
    groups = [f"photo{place % 9}" for place in range(90)]
    score = fidelity_scores(reference, candidate, groups, "x", "reconstructions")[0]
    return Record(
        system=name, tokenizer=name, metric=score.metric, value=score.value, n=score.n,
        replicates=score.replicates, clusters=score.clusters, seed=0, **FACTS,
    )  # fmt: skip
