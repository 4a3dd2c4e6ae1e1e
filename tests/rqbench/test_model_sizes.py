"""Mirrors rqbench/model_sizes.py. That every installed preset has the size that was published,
cli/test_presets.py proves with its whole table."""

import pytest
import torch

from rqbench.metrics.flops import count_macs, count_parameters, count_stored
from rqbench.model_preset import build_model
from rqbench.model_sizes import sizes
from rqbench.prior import Prior


@pytest.fixture(autouse=True)
def _offered(offer, small_presets):
    offer(small_presets)


@pytest.fixture
def sized(small_presets):
    return lambda name: sizes(small_presets[name], name)


def test_a_tokenizer_by_hand(sized):
    """8x8 codes of 3 bits, on pixels four times as fine: 32, 16, 8."""
    found = sized("small-vq")
    assert (found.code_shape, found.downsample, found.layers) == ("8x8x1, k=8", 4, "3")
    assert (found.nominal_bits, found.nominal_bits_most) == (192, 192)
    assert found.nominal_bpp == 192 / 32**2
    assert found.sampling_operations is found.cache_fp32_bytes is None


def test_grains_count_at_their_share_and_at_most(sized):
    """8x8 regions, a quarter of them fine: 48 + 4 * 16 codes of 3 bits, and a bit a region."""
    found = sized("small-dq")
    assert found.code_shape == "16x16x1, k=8, grains 2/1"
    assert found.nominal_bits == 64 + 3 * (48 + 4 * 16)
    assert found.nominal_bits_most == 64 + 3 * 4 * 64


def test_a_tokenizer_costs_what_the_real_one_does(sized):
    found, real = sized("small-vq"), build_model("small-vq")
    image = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        codes = real.encode(image)
        assert found.encode_operations == 2 * count_macs(real.encode, image)
        assert found.decode_operations == 2 * count_macs(real.decode, codes)
    assert found.parameters == count_stored(real)


def test_a_prior_costs_what_the_real_one_does(sized):
    found, real = sized("small-gpt"), build_model("small-gpt")
    phases = real.cost(1).values()
    assert found.parameters == count_parameters(real)
    assert found.layers == "2"
    assert found.sampling_operations == sum(phase.operations for phase in phases)
    assert found.cache_fp32_bytes == 2 * 2 * 64 * 16 * 4  # keys, values; layers, places, width
    assert found.cache_bf16_bytes == found.cache_fp32_bytes // 2
    assert found.decode_operations == sized("small-vq").decode_operations
    assert found.encode_operations is None


def test_a_prior_on_grains_draws_their_share_and_caches_for_the_most(sized):
    found, real = sized("small-pair"), build_model("small-pair")
    assert found.layers == "1+3"
    drawn, most = (sum(p.operations for p in real.cost(1, c).values()) for c in ((48, 16), None))
    assert (found.sampling_operations, found.sampling_operations_most) == (drawn, most)
    assert found.cache_fp32_bytes == sum(phase.cache_bytes for phase in real.cost(1).values())


def test_weights_are_all_that_must_be_loaded_and_only_floats_shrink(sized):
    found, real = sized("small-dq"), build_model("small-dq")
    tensors = [*real.parameters(), *real.buffers()]
    assert found.weights_fp32_bytes == sum(tensor.nbytes for tensor in tensors)
    whole = sum(tensor.nbytes for tensor in tensors if not tensor.is_floating_point())
    assert found.weights_bf16_bytes == (found.weights_fp32_bytes - whole) / 2 + whole


def test_a_prior_that_counts_no_costs_has_none(sized, monkeypatch):
    real = build_model("small-gpt")
    monkeypatch.setattr(type(real), "cost", Prior.cost)
    found = sized("small-gpt")
    assert found.sampling_operations is found.sampling_operations_most is None
    assert found.cache_fp32_bytes is found.cache_bf16_bytes is None
