"""Mirrors rqbench/stages/trial.py."""

import pytest
import torch
from torch import nn

from rqbench.condition_spec import ConditionSpec
from rqbench.experiment import SystemSpec
from rqbench.objective import Objective, Opponent
from rqbench.stages import trial
from rqbench.stages.setting import Setting
from rqbench.stages.trial import (
    TRIAL_S,
    fresh_tokenizer,
    frozen_codebook,
    now,
    random_codes,
    random_labels,
    time_steps,
    trial_prior,
    try_images,
)
from rqbench.training import Training


def test_all_tokenizers_of_one_kind_start_from_the_same_weights(setting):
    first, again = (fresh_tokenizer(setting, "vq-4x4").state_dict() for _ in range(2))
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_a_trial_prior_draws_codes_of_its_tokenizers_layout(setting):
    prior = trial_prior(setting, SystemSpec(tokenizer="rq-4x4x4", prior="depth-stacked"))
    assert prior.sample(2, seed=0).layout == setting.layouts["rq-4x4x4"]


@pytest.mark.parametrize("share", [0.0, 0.1])
def test_label_dropout_gives_a_prior_the_null_condition(classes, build_experiment, share):
    overrides = (f"priors.raster.training={{label_dropout: {share}}}",)
    experiment = build_experiment(("vq-4x4", "raster"), overrides=overrides)
    setting = Setting(experiment, classes.data, "cpu")
    prior = trial_prior(setting, experiment.systems[0])
    assert prior.condition == ConditionSpec(2, null=share > 0)


def test_a_frozen_codebook_is_a_copy_without_gradient(setting):
    tokenizer = fresh_tokenizer(setting, "vq-4x4")
    codebook = frozen_codebook(tokenizer)
    assert torch.equal(codebook, tokenizer.codebook())
    assert not codebook.requires_grad
    assert codebook.data_ptr() != tokenizer.codebook().data_ptr()


def test_random_codes_are_legal(setting, build_experiment):
    dynamic = build_experiment(("dq-4x4-8x8", "raster"))
    for each in (setting, Setting(dynamic, setting.data, "cpu")):
        for name, layout in each.layouts.items():
            codes = random_codes(each, name, 5)
            codes.check()
            assert (len(codes), codes.layout) == (5, layout)


def test_random_labels_go_through_the_classes(setting, classes):
    assert random_labels(setting, 3) is None
    assert random_labels(classes, 3).tolist() == [0, 1, 0]


def test_a_training_is_timed_at_its_last_step_on_one_image_and_on_a_batch():
    model, taken = nn.Linear(1, 1), []

    def loss(batch, step):
        taken.append((batch, step))
        return model(torch.ones(1, 1)).sum(), {}

    objective = Objective(model, loss, lambda first: iter([[first, first]]))
    tried = time_steps(objective, Training(steps=9, batch_size=2), "cpu")
    assert tried.each_s > 0
    assert tried.whole
    assert taken == [([8], 8)] * 2 + [([8, 8], 8)] * 3


def test_what_starts_late_is_timed_too():
    model, rival, taken = nn.Linear(1, 1), nn.Linear(1, 1), []

    def loss_of(name, layer):
        def loss(batch, step):
            taken.append(name)
            return layer(torch.ones(1, 1)).sum(), {}

        return loss

    training = Training(steps=50)
    opponent = Opponent("rival", rival, loss_of("rival", rival), training, start_step=49)
    batches = lambda first: iter([[first]])  # noqa: E731
    time_steps(
        Objective(model, loss_of("model", model), batches, opponent=opponent), training, "cpu"
    )
    assert taken == ["model", "rival"] * (len(taken) // 2)
    assert taken


class SlowWork:
    """Moves a clock by so many seconds an image, by more for each call, and by a start-up once."""

    def __init__(self, monkeypatch, each_s, start_s=0.0, each_call_s=0.0):
        self.clock, self.each_s, self.start_s, self.done = 0.0, each_s, start_s, []
        self.each_call_s = each_call_s
        monkeypatch.setattr(trial, "now", lambda device: self.clock)

    def prepare(self, count):
        def work():
            self.clock += self.each_s * count + self.start_s + self.each_call_s
            self.start_s = 0.0
            self.done.append(count)

        return work


@pytest.mark.parametrize(
    ("each_s", "done", "whole"),
    [
        (0.01, [1, 1, 64, 64, 64], True),
        (0.1, [1, 1, 64, 64], True),
        (1.0, [1, 1, 10], False),
        (8.0, [1, 1, 1], False),
        (30.0, [1], False),
    ],
)
def test_a_trial_is_as_large_as_its_time_allows(monkeypatch, each_s, done, whole):
    slow = SlowWork(monkeypatch, each_s)
    tried = try_images(slow.prepare, 64, "cpu", repeats=3)
    assert tried.each_s == pytest.approx(each_s)
    assert tried.whole == whole
    assert slow.done == done
    assert slow.clock <= max(each_s, 3 * TRIAL_S)


def test_work_that_is_quick_with_many_is_tried_with_more(monkeypatch):
    slow = SlowWork(monkeypatch, 0.01, each_call_s=0.5)
    tried = try_images(slow.prepare, 64, "cpu")
    assert slow.done == [1, 1, 19, 64]
    assert tried.whole
    assert tried.each_s == pytest.approx(0.01 + 0.5 / 64)


def test_what_happens_once_is_not_counted(monkeypatch):
    slow = SlowWork(monkeypatch, 0.01, start_s=9.0)
    assert try_images(slow.prepare, 64, "cpu").each_s == pytest.approx(0.01)


def test_what_does_not_learn_takes_no_time():
    idle = Objective(nn.Identity(), lambda batch, step: 1 / 0, iter)
    assert time_steps(idle, Training(), "cpu").each_s == 0.0


def test_the_clock_waits_for_the_gpu(monkeypatch):
    waited = []
    monkeypatch.setattr(torch.cuda, "synchronize", waited.append)
    assert now("cpu") <= now("cuda:1")
    assert waited == ["cuda:1"]
