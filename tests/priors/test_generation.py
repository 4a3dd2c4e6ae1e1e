"""Mirrors rqbench_priors/generation.py."""

import torch

from rqbench.api import Step
from rqbench_priors.generation import State, draw, forced


class Countdown(State):
    """A step that asks two rows, then one, then none."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[list[int] | None] = []

    def step(self, state: "Countdown", symbols: torch.Tensor | None) -> torch.Tensor:
        self.seen.append(None if symbols is None else symbols.tolist())
        rows = torch.arange(3 - len(self.seen))
        legal = torch.ones(len(rows), 4, dtype=torch.bool)
        self.expected = Step("content", 0, legal, rows + 7, torch.full_like(rows, len(self.seen)))
        return torch.zeros(len(rows), 4)


def test_each_symbol_is_fed_back_until_no_rows_are_left():
    model = Countdown()
    draw(model.step, model, lambda logits, step: step.ordinal)
    assert model.seen == [None, [1, 1], [2]]


def test_a_forced_choice_finds_symbols_by_image_and_ordinal():
    model = Countdown()
    draw(model.step, model, forced(torch.tensor([[0, 1, 2], [0, 3, 3]]), first_image=7))
    assert model.seen == [None, [1, 3], [2]]
