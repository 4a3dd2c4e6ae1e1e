"""Mirrors rqbench/guidance.py. What guided priors must hold is in tests/priors/test_guidance.py."""

import pytest
import torch

from rqbench.guidance import choose_guided, guide
from rqbench.step import Step

OWN, TWIN = torch.tensor([[1.0, 4.0]]), torch.tensor([[3.0, 0.0]])


@pytest.mark.parametrize(
    ("guidance", "expected"),
    [(0.0, [3.0, 0.0]), (0.5, [2.0, 2.0]), (1.0, [1.0, 4.0]), (2.5, [-2.0, 10.0])],
)
def test_guidance_goes_from_the_unconditional_logits_past_the_conditional_ones(guidance, expected):
    assert guide(OWN, TWIN, guidance).tolist() == [expected]


def test_twins_get_the_symbols_of_their_images_in_whatever_order_rows_come():
    image = torch.tensor([12, 10, 16, 11, 15, 14])  # 14, 15 and 16 are the twins of 10, 11 and 12
    logits = torch.arange(6.0)[:, None].expand(-1, 2)
    step = Step("content", 0, logits < 9, image, ordinal=image * 10)
    asked = {}

    def choose(guided, own):
        asked["logits"], asked["step"] = guided[:, 0].tolist(), own
        return own.image + 100

    symbols = choose_guided(choose, 2.0)(logits, step)
    assert symbols.tolist() == [112, 110, 112, 111, 111, 110]
    assert asked["logits"] == [2 * 1 - 5, 2 * 3 - 4, 2 * 0 - 2]
    assert asked["step"].image.tolist() == [10, 11, 12]
    assert asked["step"].ordinal.tolist() == [100, 110, 120]
