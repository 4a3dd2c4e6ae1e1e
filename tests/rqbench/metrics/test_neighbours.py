"""Mirrors rqbench/metrics/neighbours.py."""

import math

import pytest
import torch

from rqbench.errors import DataError
from rqbench.metrics import cloud
from rqbench.metrics.libraries import library
from rqbench.metrics.neighbours import NEIGHBOUR_SCORES, neighbour_scores


def values(reference, candidate, k, **settings):
    scores = neighbour_scores(reference, candidate, k, **settings)
    return tuple(scores[name].value for name in NEIGHBOUR_SCORES)


def drawn(count, seed, width=16, shift=0.0):
    return torch.randn(count, width, generator=torch.Generator().manual_seed(seed)) + shift


def whole_numbers(count, seed):
    """Few places on a grid: duplicates within and between sets, and many equal distances."""
    return torch.randint(3, (count, 4), generator=torch.Generator().manual_seed(seed)).float()


def naive(reference, candidate, k):
    """All four from whole matrices of distances, coordinate by coordinate."""

    def squares(a, b):
        return (a.double()[:, None] - b.double()[None]).square().sum(dim=2).float()

    reference_radii, candidate_radii = (
        squares(part, part).sort(dim=1).values[:, k] for part in (reference, candidate)
    )
    between = squares(reference, candidate)
    inside = between < reference_radii[:, None]
    return (
        (between <= reference_radii[:, None]).any(dim=0).double().mean().item(),
        (between <= candidate_radii).any(dim=1).double().mean().item(),
        inside.double().sum(dim=0).mean().item() / k,
        inside.any(dim=1).double().mean().item(),
    )


def test_by_hand_on_a_line():
    """Reference balls around 0, 1 and 3 have the radii 1, 1 and 2; those of the candidates 0.5, 4
    and 2 have 1.5, 2 and 1.5."""
    reference, candidate = torch.tensor([[0.0], [1.0], [3.0]]), torch.tensor([[0.5], [4.0], [2.0]])
    # 0.5 lies in two balls, 4 in one, 2 in the last and on the surface of the second
    # 0 and 1 lie in the ball of 0.5, 3 in that of 4; the balls hold 1, 1 and 2 candidates
    assert values(reference, candidate, 1) == (1, 1, 4 / 3, 1)
    # 8 lies in no ball. 1 is the centre of one and on the surface of two, which only precision
    # counts. Their own balls have the radius 7 and hold all
    far = torch.tensor([[1.0], [8.0]])
    assert values(reference, far, 1) == (1 / 2, 1, 1 / 2, 1 / 3)


def test_by_hand_in_the_plane():
    """The corners of a unit square have the radius 1 for one neighbour and for two."""
    square = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    # The centre lies in all four balls; (2, 0) on the surface of one; (9, 9) in none
    candidate = torch.tensor([[0.5, 0.5], [2.0, 0.0], [9.0, 9.0]])
    precision, recall, density, coverage = values(square, candidate, 2)
    assert (precision, density, coverage) == pytest.approx((2 / 3, 4 / (2 * 3), 1))
    assert recall == 1  # the ball of (9, 9) reaches to (0.5, 0.5) and beyond


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize(
    ("reference", "candidate"),
    [
        (drawn(150, 1), drawn(130, 2, shift=0.3)),
        (drawn(90, 3, width=3), drawn(160, 4, width=3)),
        (drawn(100, 5, width=64), 0.5 * drawn(100, 6, width=64)),  # in every ball
        (whole_numbers(120, 7), whole_numbers(140, 8)),
    ],
)
def test_the_values_are_those_of_torch_fidelity_and_of_whole_matrices(reference, candidate, k):
    found = values(reference, candidate, k)
    expected = library("torch_fidelity.metric_prc").prc_features_to_metric(
        candidate, reference, prc_neighborhood=k, prc_batch_size=64, save_cpu_ram=True,
        verbose=False,
    )  # fmt: skip
    assert found[:2] == pytest.approx((expected["precision"], expected["recall"]), abs=1e-6)
    assert found == pytest.approx(naive(reference, candidate, k), abs=1e-12)


def test_copies_far_from_the_origin_are_at_distance_zero():
    """Each reference picture stands there twice, so that balls to one neighbour are points; the
    product of such lengths errs by more than the nearest other pictures are away."""
    reference = drawn(40, 9).repeat(2, 1) * 0.01 + 100
    candidate = torch.cat([reference[:10], reference[10:20] + 0.001])
    precision, _, density, coverage = values(reference, candidate, 1)
    assert (precision, density, coverage) == (0.5, 0, 0)


def test_a_set_has_density_and_coverage_one_against_itself():
    points = drawn(100, 10) + 50
    assert values(points, points.clone(), 5) == (1, 1, 1, 1)


@pytest.mark.parametrize("rows", [1, 7, 1024])
def test_each_replicate_is_the_score_measured_again_without_the_group(monkeypatch, rows):
    monkeypatch.setattr(cloud, "_ROWS", rows)
    reference, candidate = (
        whole_numbers(70, 11),
        torch.cat([whole_numbers(50, 12), drawn(9, 13, 4)]),
    )
    of_reference = [f"photo {place * 5 // 70}" for place in range(70)]
    of_candidate = [f"seed {place % 4}" for place in range(59)]
    scores = neighbour_scores(reference, candidate, 3, of_reference, of_candidate)
    for place, name in enumerate(NEIGHBOUR_SCORES):
        left = scores[name].left_out
        assert left["reference"].groups == sorted(set(of_reference))
        for group, value in zip(
            left["reference"].groups, left["reference"].replicates, strict=True
        ):
            kept = torch.tensor([other != group for other in of_reference])
            assert value == pytest.approx(naive(reference[kept], candidate, 3)[place])
        for group, value in zip(
            left["candidate"].groups, left["candidate"].replicates, strict=True
        ):
            kept = torch.tensor([other != group for other in of_candidate])
            assert value == pytest.approx(naive(reference, candidate[kept], 3)[place])


def test_pairs_lose_a_photograph_on_both_sides_even_where_it_holds_all_neighbours():
    """Crops of one photograph lie close together, so that without it every radius is another."""
    photographs = [f"photo {place // 10}" for place in range(80)]
    reference = drawn(8, 14).repeat_interleave(10, dim=0) + 0.01 * drawn(80, 15)
    candidate = reference + 0.01 * drawn(80, 16)
    scores = neighbour_scores(reference, candidate, 3, photographs, is_paired=True)
    for place, name in enumerate(NEIGHBOUR_SCORES):
        assert list(scores[name].left_out) == ["both"]
        left = scores[name].left_out["both"]
        for group, value in zip(left.groups, left.replicates, strict=True):
            kept = torch.tensor([other != group for other in photographs])
            assert value == pytest.approx(naive(reference[kept], candidate[kept], 3)[place])


def test_without_groups_sixteen_blocks_of_each_set_are_left_out_and_their_errors_add():
    score = neighbour_scores(drawn(200, 17), drawn(180, 18), 3)["precision"]
    assert [len(left.replicates) for left in score.left_out.values()] == [16, 16]
    # A candidate lies in the same balls whichever others are left out: nothing to correct
    left = torch.tensor(score.left_out["candidate"].replicates, dtype=torch.float64)
    own = float((15 * left.var(correction=0)).sqrt())
    assert score.errors["candidate"].standard_error == pytest.approx(own)
    parts = [error.standard_error for error in score.errors.values()]
    assert score.error.standard_error == pytest.approx(math.hypot(*parts))


@pytest.mark.parametrize("is_paired", [False, True])
def test_the_error_is_as_large_as_the_scores_own_spread(is_paired):
    """Over 80 redraws, where the ratio itself errs by 8%; plain jackknives give 1.2 to 1.8."""
    found, variances = [], []
    for _ in range(80):
        reference = torch.randn(250, 12)
        candidate = reference + 0.7 * torch.randn(250, 12) if is_paired else torch.randn(250, 12)
        scores = neighbour_scores(reference, candidate, 3, is_paired=is_paired).values()
        found.append([score.value for score in scores])
        variances.append([score.error.standard_error**2 for score in scores])
    ratio = torch.tensor(variances).mean(dim=0).sqrt() / torch.tensor(found).std(dim=0)
    measured = ratio[[0, 2, 3]] if is_paired else ratio  # recall of such pairs is all but 1
    assert ((measured > 0.75) & (measured < 1.45)).all(), ratio


def test_one_photograph_gives_values_without_an_error():
    scores = neighbour_scores(drawn(20, 19), drawn(20, 20), 3, ["one"] * 20, is_paired=True)
    assert all(score.error.interval(score.value)[1] == float("inf") for score in scores.values())


@pytest.mark.parametrize(
    ("reference", "candidate", "is_paired", "what"),
    [
        (drawn(3, 1), drawn(9, 2), False, "no 3 neighbours"),
        (drawn(9, 1), drawn(8, 2), True, "do not pair"),
        (drawn(9, 1), drawn(9, 2) / 0, False, "not finite"),
    ],
)
def test_sets_without_neighbours_are_refused(reference, candidate, is_paired, what):
    with pytest.raises(DataError, match=what):
        neighbour_scores(reference, candidate, 3, is_paired=is_paired)


def test_photographs_that_are_not_one_for_each_picture_are_refused():
    with pytest.raises(DataError, match="8 photographs are named for 9 pictures"):
        neighbour_scores(drawn(9, 1), drawn(9, 2), 3, ["a", "b"] * 4, is_paired=True)
