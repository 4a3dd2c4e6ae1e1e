"""Mirrors rqbench/adversarial.py."""

import copy

import pytest
import torch
from torch import Tensor, nn

from rqbench.adversarial import Adversary, check_adversarial, gradient_ratio, hinge_loss
from rqbench.codes import Codes
from rqbench.config import Config
from rqbench.errors import ConfigError
from rqbench.layout import CodeLayout
from rqbench.tokenizer import Tokenizer, TokenizerOutput
from rqbench.training import AdversarialTraining, TokenizerTraining

IMAGES = torch.rand(4, 3, 32, 32, generator=torch.Generator().manual_seed(2))


class Dimmer(Tokenizer):
    """Every image a little darker; it has no codes worth the name."""

    Config = Config

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.share = nn.Parameter(torch.tensor(0.5))
        self.modes: list[bool] = []

    @classmethod
    def tiny(cls) -> "Dimmer":
        return cls(Config())

    def layout(self, resolution: int) -> CodeLayout:
        return CodeLayout(1, 1, 1, 2)

    def forward(self, images: Tensor) -> TokenizerOutput:
        self.modes.append(self.training)
        return TokenizerOutput(images * self.share, self.encode(images))

    def encode(self, images: Tensor) -> Codes:
        return Codes(torch.zeros(len(images), 1, 1, 1, dtype=torch.long), self.layout(1))

    def decode(self, codes: Codes) -> Tensor:
        return torch.zeros(len(codes), 3, 32, 32)

    def last_layer(self) -> Tensor:
        return self.share


class Nameless(Dimmer):
    def last_layer(self) -> None:
        return None


def adversary(**settings) -> Adversary:
    config = AdversarialTraining(layers=1, channels=4, **settings)
    return Adversary(Dimmer.tiny().train(), config, seed=3)


def judge(against: Adversary) -> tuple[Tensor, dict]:
    reconstructions = against.tokenizer(IMAGES).reconstructions
    return against.judge(reconstructions, (reconstructions - IMAGES).square().mean())


def logits(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float32).view(-1, 1, 1, 1)


def test_the_hinge_gains_nothing_beyond_one():
    assert hinge_loss(logits(1, 5), logits(-1, -9)) == 0
    assert hinge_loss(logits(0, 3), logits(0.5, -2)) == (0.5 + 0.75) / 2
    assert hinge_loss(logits(-1), logits(2)) == (2 + 3) / 2


def test_the_ratio_is_that_of_the_gradients_norms():
    weight = torch.tensor([1.0, 1.0], requires_grad=True)
    distance = weight @ torch.tensor([3.0, 4.0])  # gradient 5 long
    term = weight @ torch.tensor([0.0, 2.0])
    ratio = gradient_ratio(distance, term, weight, cap=1e4)
    assert ratio.item() == pytest.approx(5 / 2.0001)
    assert not ratio.requires_grad
    assert gradient_ratio(distance, term, weight, cap=0.75) == 0.75
    assert gradient_ratio(distance, term * 1e-9, weight, cap=1e4).item() == 1e4


def test_the_tokenizer_gains_minus_the_mean_logit_times_weight_and_ratio():
    against = adversary(weight=0.5)
    value, terms = judge(against)
    share = torch.tensor(0.5, requires_grad=True)
    reconstructions = IMAGES * share
    mean = against.discriminator(reconstructions).mean()
    distance = (reconstructions - IMAGES).square().mean()
    of_distance, of_mean = (
        torch.autograd.grad(each, share, retain_graph=True)[0].abs() for each in (distance, mean)
    )
    weight = 0.5 * of_distance / (of_mean + 1e-4)
    torch.testing.assert_close(value, -weight * mean)
    torch.testing.assert_close(terms["adversarial_weight"], weight)
    torch.testing.assert_close(terms["adversarial"], -mean)


def test_a_fixed_weight_needs_no_gradients():
    against = adversary(adaptive=False, weight=0.25)
    value, terms = judge(against)
    assert terms["adversarial_weight"] == 0.25
    assert value.item() == pytest.approx(0.25 * terms["adversarial"].item())


def test_each_learns_from_its_own_loss_alone():
    against = adversary()
    judge(against)[0].backward()
    assert against.tokenizer.share.grad is not None
    assert all(value.grad is None for value in against.discriminator.parameters())
    against.tokenizer.share.grad = None
    against.loss(IMAGES)[0].backward()
    assert against.tokenizer.share.grad is None
    assert all(value.grad is not None for value in against.discriminator.parameters())


@pytest.mark.parametrize(("which", "share"), [("recomputed", 0.9), ("reused", 0.5)])
def test_the_discriminator_looks_at_the_tokenizer_before_or_after_its_step(which, share):
    against = adversary(reconstructions=which, discriminator_weight=0.75)
    twin = copy.deepcopy(against.discriminator)
    judge(against)
    with torch.no_grad():
        against.tokenizer.share.fill_(0.9)  # the step
    value, terms = against.loss(IMAGES)
    on_images, on_reconstructions = twin(IMAGES), twin(IMAGES * share)
    torch.testing.assert_close(value, 0.75 * hinge_loss(on_images, on_reconstructions))
    torch.testing.assert_close(terms["on_images"], on_images.mean())
    torch.testing.assert_close(terms["on_reconstructions"], on_reconstructions.mean())


def test_only_the_first_pass_of_a_step_is_one_of_training():
    against = adversary()
    judge(against)
    against.loss(IMAGES)
    assert against.tokenizer.modes == [True, False]
    assert against.tokenizer.training


def test_parts_of_a_batch_meet_their_own_reconstructions():
    against = adversary(reconstructions="reused", adaptive=False)
    for part in (IMAGES[:2], IMAGES[2:]):
        against.judge(against.tokenizer(part).reconstructions, torch.zeros(()))
    first, second = (against.loss(part)[1] for part in (IMAGES[:2], IMAGES[2:]))
    for terms, part in ((first, IMAGES[:2]), (second, IMAGES[2:])):
        expected = against.discriminator(part * 0.5).mean()
        torch.testing.assert_close(terms["on_reconstructions"], expected)


def test_the_same_seed_gives_the_same_discriminator():
    first, again = (adversary().discriminator.state_dict() for _ in range(2))
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_it_learns_by_its_own_settings_on_the_tokenizers_schedule():
    training = TokenizerTraining(learning_rate=0.5, betas=(0.1, 0.2), warmup_steps=1, clip_norm=3)
    opponent = adversary(start_step=7).opponent(training, lambda batch: batch)
    assert opponent.training == training.model_copy(update={"betas": (0.5, 0.9)})
    assert opponent.start_step == 7
    faster = adversary(learning_rate=2.0, betas=(0.3, 0.4)).opponent(training, lambda batch: batch)
    assert faster.training.learning_rate_at(0) == 1.0  # half-way up
    assert faster.training.betas == (0.3, 0.4)


def test_what_could_not_be_trained_is_refused_before():
    check_adversarial(Dimmer.tiny(), AdversarialTraining(), 32, "here")
    check_adversarial(Nameless.tiny(), AdversarialTraining(adaptive=False), 32, "here")
    with pytest.raises(ConfigError, match=r"here\.adversarial\.adaptive: Nameless names no last"):
        check_adversarial(Nameless.tiny(), AdversarialTraining(), 32, "here")
    with pytest.raises(ConfigError, match="images of 16 pixels"):
        check_adversarial(Dimmer.tiny(), AdversarialTraining(), 16, "here")
