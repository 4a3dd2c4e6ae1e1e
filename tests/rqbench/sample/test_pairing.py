"""Mirrors rqbench/sample/pairing.py."""

import pytest
import torch

from rqbench.errors import ConfigError
from rqbench.layout import CodeLayout
from rqbench.plugins import find
from rqbench.sample.pairing import check_pair


def tokenizer(name="vq"):
    return find("tokenizer", name).load().tiny()


def prior(layout):
    return find("prior", "raster").load().tiny(layout)


@pytest.mark.parametrize("name", ["vq", "rq", "dq"])
@pytest.mark.parametrize("resolution", [None, 16])
def test_what_was_made_for_each_other_passes(name, resolution):
    made = tokenizer(name)
    check_pair("it", made, prior(made.layout(16)), made.codebook(), resolution)
    check_pair("it", made, prior(made.layout(16)), None, resolution)


def test_without_a_resolution_any_grid_that_the_tokenizer_can_give_will_do():
    made = tokenizer()
    larger = prior(made.layout(32))
    check_pair("it", made, larger, None)
    with pytest.raises(ConfigError, match=r"8x8x1, k=8, and .* 4x4x1, k=8 for images of 16"):
        check_pair("it", made, larger, None, 16)


@pytest.mark.parametrize(
    "layout",
    [CodeLayout(4, 4, 2, 8), CodeLayout(4, 4, 1, 9), CodeLayout(4, 4, 1, 8, (2, 1)),
     CodeLayout(4, 2, 1, 8)],
    ids=["depth", "codebook size", "grains", "width"],
)  # fmt: skip
def test_codes_of_another_layout_are_refused(layout):
    with pytest.raises(ConfigError, match=r"'it': the prior models .* are 4x4x1, k=8\. A prior"):
        check_pair("it", tokenizer(), prior(layout), None)


def test_codes_that_name_other_vectors_are_refused():
    made = tokenizer()
    vectors = made.codebook().clone()
    vectors[0, 3, 1] = torch.nextafter(vectors[0, 3, 1], torch.tensor(9.0))  # by the last bit
    with pytest.raises(ConfigError, match="name other vectors"):
        check_pair("it", made, prior(made.layout(16)), vectors)
