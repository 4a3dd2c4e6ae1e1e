"""Mirrors rqbench/prior.py, with a prior that draws one code an image from a table of logits."""

import math

import pytest
import torch

from rqbench.api import (
    CodeLayout,
    Codes,
    ConditionSpec,
    Config,
    Prior,
    PriorBatch,
    Sampling,
    Step,
    UnsupportedError,
)

LAYOUT = CodeLayout(1, 1, 1, 3)


class OneCode(Prior):
    """Class 0 prefers code 0, class 1 code 1; nothing prefers code 2 a little."""

    Config, models = Config, "a single code"
    logits = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.5]]).log_softmax(dim=1)

    @classmethod
    def tiny(cls, layout, condition=None):
        return cls(Config(), layout, condition=condition)

    @classmethod
    def supports(cls, layout):
        return layout == LAYOUT

    def log_prob(self, codes, condition=None):
        return self.logits[condition[:, 0], codes.values.flatten()]

    def step(self, state, symbols):
        return self.logits[state]

    def generate(self, choose, num_images, condition=None, first_image=0):
        logits = self.logits[condition[:, 0]]
        image = torch.arange(num_images) + first_image
        step = Step("content", 0, logits < 9, image, torch.zeros_like(image))
        return Codes(choose(logits, step).view(-1, 1, 1, 1), LAYOUT)

    def symbols(self, codes):
        return codes.values.flatten(1)


def drawn(guidance: float, spec: ConditionSpec | None = ConditionSpec(2, null=True)) -> list[int]:  # noqa: B008
    condition = torch.arange(4000).remainder(2)[:, None]
    prior = OneCode.tiny(LAYOUT, spec)
    codes = prior.sample(4000, 5, Sampling(guidance=guidance), condition)
    return codes.values[condition[:, 0] == 0].flatten().bincount(minlength=3).tolist()


@pytest.mark.parametrize("guidance", [0.0, 1.0, 3.0])
def test_guided_samples_have_the_frequencies_of_the_guided_logits(guidance):
    weights = [math.exp(guidance), 1.0, math.exp(0.5 * (1 - guidance))]
    expected = [2000 * weight / sum(weights) for weight in weights]
    for got, wanted in zip(drawn(guidance), expected, strict=True):
        assert got == pytest.approx(wanted, abs=4 * math.sqrt(max(wanted, 25)))


def test_guidance_needs_a_condition_and_a_prior_that_knows_the_null_one():
    with pytest.raises(UnsupportedError, match="label_dropout"):
        drawn(2.0, ConditionSpec(2))
    with pytest.raises(UnsupportedError, match="there is none"):
        drawn(2.0, None)
    with pytest.raises(UnsupportedError, match="there is none"):
        OneCode.tiny(LAYOUT, ConditionSpec(2, null=True)).sample(1, 0, Sampling(guidance=2.0))


def test_a_loss_that_knows_no_soft_targets_refuses_them():
    codes, condition = Codes(torch.zeros(2, 1, 1, 1, dtype=torch.int64), LAYOUT), torch.eye(2)
    batch = PriorBatch(codes, condition[:, :1].long())
    prior = OneCode.tiny(LAYOUT)
    first = math.log(math.e + 2) - 1  # of class 1, of which code 0 is not the preferred one
    assert prior.loss(batch[1:]).item() == pytest.approx(first, abs=1e-6)
    with pytest.raises(UnsupportedError, match="OneCode does not train on soft targets"):
        prior.loss(PriorBatch(codes, batch.condition, torch.full((2, 1, 1, 1, 3), 1 / 3)))
