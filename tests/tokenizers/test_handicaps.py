"""Mirrors rqbench_tokenizers/handicaps.py."""

import itertools

import pytest
import torch

from rqbench_tokenizers.handicaps import handicaps_for, margins, prefer


def shares(grains: torch.Tensor, num_grains: int) -> list[float]:
    counts: list[float] = (
        grains.flatten().bincount(minlength=num_grains) / grains.numel()
    ).tolist()
    return counts


def test_without_handicaps_the_largest_logit_wins_and_ties_go_to_the_coarser() -> None:
    logits = torch.tensor([[0.5, 0.0, 0.4], [1.0, 2.0, 2.0], [3.0, 3.0, 1.0], [0.0, 1.0, 4.0]])
    assert prefer(margins(logits), torch.zeros(2)).tolist() == [0, 1, 0, 2]


def test_a_handicap_is_taken_off_the_margin_over_the_coarsest() -> None:
    logits = torch.tensor([[1.0, 3.0, 2.5]])
    assert margins(logits).tolist() == [[2.0, 1.5]]
    assert prefer(margins(logits), torch.tensor([1.0, 0.0])).tolist() == [2]
    assert prefer(margins(logits), torch.tensor([2.0, 1.5])).tolist() == [0]


@pytest.mark.parametrize(
    "ratios", [(0.5,), (0.3, 0.3), (0.625, 0.075), (0.1, 0.2, 0.3), (0.5, 0.5)]
)
def test_the_shares_are_those_wanted_though_all_prefer_the_coarse_grain(
    ratios: tuple[float, ...],
) -> None:
    draw = torch.Generator().manual_seed(1)
    logits = 0.1 * torch.randn(1000, len(ratios) + 1, generator=draw)
    logits[:, 0] += 2
    found = margins(logits)
    assert shares(prefer(found, torch.zeros(len(ratios))), len(ratios) + 1)[0] == 1
    grains = prefer(found, handicaps_for(found, ratios))
    wanted = [1 - sum(ratios), *ratios]
    assert shares(grains, len(wanted)) == pytest.approx(wanted, abs=0.01)


def test_no_other_way_to_give_these_shares_has_a_larger_sum_of_logits() -> None:
    logits = torch.randn(9, 3, generator=torch.Generator().manual_seed(2))
    found = margins(logits)
    grains = prefer(found, handicaps_for(found, (1 / 3, 1 / 3)))
    assert shares(grains, 3) == pytest.approx([1 / 3] * 3)
    best = max(
        sum(logits[region, grain].item() for region, grain in enumerate(ways))
        for ways in set(itertools.permutations([0, 0, 0, 1, 1, 1, 2, 2, 2]))
    )
    assert logits.gather(1, grains[:, None]).sum().item() == pytest.approx(best)


def test_regions_that_tie_stay_together() -> None:
    found = torch.zeros(10, 2)
    assert shares(prefer(found, handicaps_for(found, (0.2, 0.2))), 3) == [1, 0, 0]
