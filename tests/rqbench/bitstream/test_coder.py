"""Mirrors rqbench/bitstream/coder.py."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rqbench.bitstream import DamagedPayloadError, decode_codes, encode_codes
from rqbench.bitstream.coder import max_stream_bytes
from rqbench.codes import Codes, spread
from rqbench.condition_spec import ConditionSpec
from rqbench.errors import UnsupportedError
from rqbench.layout import CodeLayout
from rqbench.plugins import find, installed

VQ, RQ = CodeLayout(3, 2, 1, 5), CodeLayout(2, 2, 3, 5)
DQ, THREE = CodeLayout(4, 6, 1, 5, (2, 1)), CodeLayout(4, 8, 1, 5, (4, 2, 1))
PRIORS = {name: found.load() for name, found in installed("prior").items()}
PAIRS = [
    (name, layout)
    for name, prior in PRIORS.items()
    for layout in (VQ, RQ, DQ, THREE)
    if prior.supports(layout)
]


def random_codes(layout, num_images):
    values = torch.randint(layout.codebook_size, (num_images, *grid(layout)))
    if not layout.is_dynamic:
        return Codes(values, layout)
    grain_map = torch.randint(layout.num_grains, (num_images, *layout.region_grid))
    return Codes(spread(values, grain_map, layout), layout, grain_map)


def grid(layout):
    return layout.height, layout.width, layout.depth


def lively(prior):
    """Weights so large that everything depends on everything."""
    for weight in prior.parameters():
        torch.nn.init.normal_(weight, std=0.4)
    return prior.eval()


def uniform(name, layout):
    prior = PRIORS[name].tiny(layout)
    for weight in prior.parameters():
        torch.nn.init.zeros_(weight)
    return prior.eval()


def same(left, right):
    maps = left.grain_map is None or torch.equal(left.grain_map, right.grain_map)
    return maps and torch.equal(left.values, right.values)


def likelihood_bits(prior, codes, condition=None):
    with torch.no_grad():
        return (-prior.log_prob(codes, condition).double() / math.log(2)).tolist()


def check(prior, codes, condition=None, block=3):
    """Decoded is coded, at the cost of the likelihood."""
    streams = encode_codes(prior, codes, condition, block)
    assert same(decode_codes(prior, streams, condition, block), codes)
    for stream, bits in zip(streams, likelihood_bits(prior, codes, condition), strict=True):
        assert 8 * len(stream) <= 1.01 * bits + 16
        assert len(stream) <= max_stream_bytes(codes.layout)


@pytest.mark.parametrize(("name", "layout"), PAIRS, ids=str)
def test_codes_come_back_at_the_cost_of_their_likelihood(name, layout):
    check(lively(PRIORS[name].tiny(layout)), random_codes(layout, 4))  # a block, and one more


@pytest.mark.parametrize(("name", "layout"), PAIRS, ids=str)
def test_a_condition_counts(name, layout):
    prior = lively(PRIORS[name].tiny(layout, ConditionSpec(4, 2)))
    codes, condition = random_codes(layout, 4), torch.randint(4, (4, 2))
    check(prior, codes, condition)
    streams = encode_codes(prior, codes, condition)
    assert encode_codes(prior, codes, (condition + 1) % 4) != streams


@given(
    regions=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    depth=st.integers(1, 3),
    codebook_size=st.integers(2, 9),
    grains=st.sampled_from([(), (2, 1), (3, 1), (4, 2, 1)]),
    num_images=st.integers(1, 4),
    block=st.integers(1, 5),
    kind=st.integers(0),
    seed=st.integers(0, 2**31),
)
@settings(max_examples=15, deadline=None)
def test_any_codes_of_any_prior_come_back(
    regions, depth, codebook_size, grains, num_images, block, kind, seed
):
    height, width = (side * (grains[0] if grains else 1) for side in regions)
    layout = CodeLayout(height, width, depth, codebook_size, grains)
    kinds = [prior for prior in PRIORS.values() if prior.supports(layout)]
    torch.manual_seed(seed)
    prior = lively(kinds[kind % len(kinds)].tiny(layout))
    check(prior, random_codes(layout, num_images), block=block)


@pytest.mark.parametrize("layout", [VQ, RQ, DQ, THREE], ids=str)
def test_a_uniform_raster_prior_costs_the_nominal_rate(layout):
    codes = random_codes(layout, 5)
    streams = encode_codes(uniform("raster", layout), codes)
    for stream, bits in zip(streams, codes.nominal_bits().tolist(), strict=True):
        assert -8 < 8 * len(stream) - bits <= 8


@pytest.mark.parametrize("name", ["coarse-to-fine", "dq-transformer"])
def test_positions_of_a_uniform_prior_cost_the_numbers_of_legal_symbols(name):
    # Six regions, 1 and 4 of them coarse. Legal are 0 to 5 and END; then 2 to 5 and END; then 5 and
    # END, which says that no more are coarse. Two coarse codes, and four in each other region.
    layout = CodeLayout(4, 6, 1, 2**16, (2, 1))
    grain_map = torch.tensor([[[1, 0, 1], [1, 0, 1]]])
    values = spread(torch.randint(2**16, (1, 4, 6, 1)), grain_map, layout)
    (stream,) = encode_codes(uniform(name, layout), Codes(values, layout, grain_map))
    bits = math.log2(7 * 5 * 2) + 16 * (2 + 4 * 4)
    assert 8 * len(stream) == pytest.approx(bits, abs=8.5)


def test_symbols_without_a_choice_cost_nothing():
    # one region: it is coarse, or END says that it is not; a code of 2^16 follows
    layout = CodeLayout(2, 2, 1, 2**16, (2, 1))
    grain_map = torch.zeros(1, 1, 1, dtype=torch.int64)
    codes = Codes(torch.full((1, 2, 2, 1), 4660), layout, grain_map)
    prior = uniform("coarse-to-fine", layout)
    (stream,) = encode_codes(prior, codes)
    assert len(stream) <= 3
    assert same(decode_codes(prior, [stream]), codes)


def test_a_stream_is_as_short_as_its_likelihood_and_less_than_a_byte():
    codes = random_codes(VQ, 64)
    prior = lively(PRIORS["raster"].tiny(VQ))
    streams = encode_codes(prior, codes)
    for stream, bits in zip(streams, likelihood_bits(prior, codes), strict=True):
        assert 8 * len(stream) < bits + 8.01


def test_what_a_certain_prior_expects_costs_nothing():
    prior = uniform("raster", VQ)
    with torch.no_grad():
        prior.content_head.bias[..., 0] = 60
    codes = Codes(torch.zeros(1, *grid(VQ), dtype=torch.int64), VQ)
    assert encode_codes(prior, codes) == [b""]
    assert same(decode_codes(prior, [b""]), codes)


def test_progress_is_told_block_by_block():
    done = []
    prior, codes = uniform("raster", VQ), random_codes(VQ, 5)
    streams = encode_codes(prior, codes, block=2, advance=done.append)
    decode_codes(prior, streams, block=2, advance=done.append)
    assert done == [2, 2, 1] * 2


def test_no_images_are_no_streams():
    for layout in (VQ, DQ):
        prior = uniform("raster", layout)
        assert encode_codes(prior, random_codes(layout, 0)) == []
        assert len(decode_codes(prior, [])) == 0


def test_any_bytes_give_legal_codes_or_an_error_of_ours():
    prior = lively(PRIORS["coarse-to-fine"].tiny(THREE))
    refused = 0
    for stream in [b"", b"\xff" * 100, *(bytes([n]) * 9 for n in range(0, 255, 17))]:
        try:
            decode_codes(prior, [stream]).check()
        except DamagedPayloadError:
            refused += 1
    assert refused  # no encoder ends in a point past the last interval


def test_rules_that_tell_no_map_are_refused():
    plugin = find("prior", "dq-transformer").load()
    tiny = plugin.tiny(DQ)
    rules = tiny.config.model_dump() | {"rules": {"coarse_order": "any"}}
    prior = plugin(plugin.Config(**rules), DQ).eval()
    with pytest.raises(UnsupportedError, match="no sequence of symbols"):
        encode_codes(prior, random_codes(DQ, 1))
