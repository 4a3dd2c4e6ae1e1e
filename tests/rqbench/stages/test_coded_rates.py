"""Mirrors rqbench/stages/coded_rates.py."""

import math

import pytest
import torch

from rqbench.bitstream import Bitstream, CodedPicture, encode_codes
from rqbench.bitstream.container import pack
from rqbench.bitstream.numerics import numerics_of
from rqbench.codes import Codes
from rqbench.condition_spec import ConditionSpec
from rqbench.layout import CodeLayout
from rqbench.plugins import find
from rqbench.stages.coded_rates import CODED_RATES, coded_rates

LAYOUT = CodeLayout(3, 3, 1, 8)


def file_of(stream: bytes, condition: tuple[int, ...]) -> bytes:
    picture = CodedPicture(10, 10, 0, condition, (stream,))
    numerics = numerics_of(torch.device("cpu"), 16)
    return pack(Bitstream("crop", bytes(8), numerics, 16, LAYOUT, 10, (picture,)))


@pytest.mark.parametrize("classes", [None, 3])
def test_payload_overhead_and_header_are_told_apart(classes):
    spec = ConditionSpec(classes) if classes else None
    prior = find("prior", "raster").load().tiny(LAYOUT, spec).eval()
    for weight in prior.parameters():
        torch.nn.init.normal_(weight, std=0.4)
    codes = Codes(torch.randint(8, (4, 3, 3, 1)), LAYOUT)
    labels = torch.tensor([0, 2, 1, 0]) if classes else None
    condition = labels[:, None] if classes else None
    found = coded_rates(prior, codes, labels, list("abcd"), 100)
    assert tuple(found) == CODED_RATES
    counts = [len(stream) for stream in encode_codes(prior, codes, condition)]
    with torch.no_grad():
        bits = -prior.log_prob(codes, condition).double() / math.log(2)
    assert found["rate_coded_bpp"] == [8 * count / 100 for count in counts]
    expected = [count - nll / 8 for count, nll in zip(counts, bits.tolist(), strict=True)]
    assert found["coding_overhead_bytes"] == pytest.approx(expected, abs=1e-5)
    whole = len(file_of(b"12345", (0,) if classes else ()))
    assert found["header_bytes"] == [whole - 5] * 4
