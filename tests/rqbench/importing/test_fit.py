"""Mirrors rqbench/importing/fit.py."""

import pytest

from rqbench.errors import CheckpointError
from rqbench.importing.fit import check_fit, check_same_vectors, side_on_grid
from rqbench.layout import CodeLayout
from rqbench.plugins import find

TOKENIZER = find("tokenizer", "vq").load().tiny()  # four pixels a cell, eight codes
NAMES = "in gpt.pt", "in vq.pt"


def test_the_side_of_a_priors_images_follows_from_its_grid():
    assert side_on_grid(CodeLayout(4, 4, 1, 8), TOKENIZER) == 16
    assert side_on_grid(CodeLayout(7, 7, 1, 99), TOKENIZER) == 28
    assert side_on_grid(CodeLayout(4, 2, 1, 8), TOKENIZER) is None


@pytest.mark.parametrize("resolution", [16, None])
def test_a_prior_of_these_codes_fits(resolution):
    check_fit(CodeLayout(4, 4, 1, 8), TOKENIZER, resolution, NAMES)


@pytest.mark.parametrize(
    ("prior", "resolution", "said"),
    [
        (CodeLayout(4, 4, 1, 9), 16, r"gives 4x4x1, k=8 for images of 16 px"),
        (CodeLayout(4, 4, 1, 9), None, r"gives 4x4x1, k=8 for images of 16 px"),
        (CodeLayout(4, 4, 2, 8), None, r"models codes of 4x4x2, k=8, and"),
        (CodeLayout(4, 4, 1, 8, (2, 1)), None, r"models codes of 4x4x1, k=8, grains 2/1, and"),
        (CodeLayout(8, 8, 1, 8), 16, r"gives 4x4x1, k=8 for images of 16 px"),
        (CodeLayout(4, 2, 1, 8), None, r"gives none on such a grid"),
    ],
)
def test_a_prior_of_other_codes_is_told_with_both_sides(prior, resolution, said):
    with pytest.raises(CheckpointError, match=said) as caught:
        check_fit(prior, TOKENIZER, resolution, NAMES)
    assert "The prior in gpt.pt models codes of" in str(caught.value)
    assert "the tokenizer in vq.pt" in str(caught.value)


def test_vectors_must_be_equal_and_of_one_shape():
    cls = type(TOKENIZER)
    larger = cls(TOKENIZER.config.model_copy(update={"codebook_size": 9}))
    check_same_vectors(TOKENIZER, TOKENIZER, NAMES)
    for other in (cls.tiny(), larger):
        with pytest.raises(CheckpointError, match="name other vectors"):
            check_same_vectors(TOKENIZER, other, NAMES)
