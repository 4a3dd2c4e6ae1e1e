"""Mirrors rqbench_priors/questions/tokenizers.py."""

import pytest

from rqbench.api import ConfigError
from rqbench_priors.questions.sizes import tokenizer_layout, tokenizer_macs
from rqbench_priors.questions.tokenizers import (
    coarse_vq,
    dq,
    fine_vq,
    hold_macs_equal,
    pairs_rq,
    rq,
)


def test_names_tell_grids_depths_and_codebooks(scale):
    names = [make(scale(), 32)[0] for make in (coarse_vq, rq, pairs_rq, dq)]
    assert names == ["vq-4x4", "rq-4x4x4", "rq-4x4x2-k4", "dq-4x4-8x8"]
    assert fine_vq(scale(), 32, 2)[0] == "vq-8x8"
    assert fine_vq(scale(conv={**scale().conv, "multipliers": [1, 1, 1]}), 64, 4)[0] == "vq-16x16"


def test_the_finer_grid_lacks_the_coarsest_levels(scale):
    _, made = fine_vq(scale(fine_res_blocks=2), 32, 2)
    assert made["config"]["conv"]["multipliers"] == [1]
    assert made["config"]["conv"]["num_res_blocks"] == 2
    with pytest.raises(ConfigError, match=r"\[1, 1\] has too few levels .* 4 times finer\. Name 3"):
        fine_vq(scale(), 32, 4)


@pytest.mark.parametrize("channels", [13, 16, 20])
def test_solved_halves_cost_what_the_reference_costs(scale, channels):
    sized = scale(conv={**scale().conv, "channels": channels})
    target = tokenizer_macs(coarse_vq(sized, 32)[1], 32)
    for _, made in (fine_vq(sized, 32, 2), dq(sized, 32)):
        assert tokenizer_macs(made, 32) == pytest.approx(target, rel=0.01)
        assert made["config"]["conv"]["embedding"] == 8


def test_two_codes_of_a_small_codebook_have_the_bits_of_one(scale):
    pairs, single = (tokenizer_layout(make(scale(), 32)[1], 32) for make in (pairs_rq, coarse_vq))
    assert pairs.max_codes * pairs.bits_per_code == single.max_codes * single.bits_per_code
    with pytest.raises(ConfigError, match=r"codebook_size: 18 is no square"):
        pairs_rq(scale(codebook_size=18), 32)


def test_a_codebook_whose_search_outweighs_the_halves_is_refused(scale):
    large = scale(codebook_size=4096)
    tokenizers = dict([coarse_vq(large, 32), rq(large, 32)])
    with pytest.raises(ConfigError, match=r"multiply-adds of vq-4x4 and rq-4x4x4 would be .*Widen"):
        hold_macs_equal(tokenizers, 32)
