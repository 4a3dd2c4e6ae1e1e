"""Mirrors rqbench/trainer.py."""

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from rqbench.errors import TrainingError
from rqbench.objective import Objective, Opponent
from rqbench.seed import generator
from rqbench.trainer import CHECKPOINT, LOG, read_log, train
from rqbench.training import Training


class Interrupted(BaseException):
    """What ends a process from outside."""


class Toy(nn.Module):
    """Learns by gradient with random dropout, and a buffer that moves at random after each step."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.layers = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5), nn.Linear(8, 1))
        self.register_buffer("moved", torch.zeros(2))

    def after_step(self) -> None:
        self.moved += torch.rand(2)


class Window:
    """Counts log lines of one process."""

    def __init__(self, model: Toy) -> None:
        self.model = model

    def read(self) -> dict[str, float]:
        return {"moved": float(self.model.moved.sum())}


def toy(stop_at: int | None = None) -> Objective:
    """Stops like a killed process when the batch of step `stop_at` is asked for."""
    model = Toy()

    def loss(batch: Tensor, step: int) -> tuple[Tensor, dict[str, float]]:
        return (model.layers(batch) - batch.sum(dim=1, keepdim=True)).square().mean(), {"step0": 1}

    def batches(first: int) -> Iterator[Tensor]:
        for step in range(first, 100):
            if step == stop_at:
                raise Interrupted
            yield torch.randn(5, 3, generator=generator("toy", step))

    return Objective(model, loss, batches, model.after_step, Window(model).read)


CONFIG = Training(
    steps=11, learning_rate=0.05, warmup_steps=2, log_every=2, checkpoint_every=3, ema_decay=0.9
)


def weights(trained) -> dict[str, Tensor]:
    return trained.model.state_dict()


def run(folder, progress, objective=None, config=CONFIG):
    return train(objective or toy(), config, folder, 7, "cpu", progress)


def same(left, right) -> bool:
    return all(torch.equal(left[name], right[name]) for name in left)


def contested(stop_at: int | None = None) -> Objective:
    """The toy against a rival that learns to tell its answers from the right ones, from step 3 on,
    with running statistics and random dropout of its own."""
    objective = toy(stop_at)
    rival = nn.Sequential(nn.Linear(1, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 1))
    model = objective.model

    def loss(batch: Tensor, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        value, terms = objective.loss(batch, step)
        return value - rival(model.layers(batch)).mean(), terms

    def rivals_loss(batch: Tensor, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        fooled = rival(model.layers(batch).detach()).mean()
        return fooled - rival(batch.sum(dim=1, keepdim=True)).mean(), {"fooled": fooled}

    opponent = Opponent("rival", rival, rivals_loss, CONFIG, start_step=3)
    return replace(objective, loss=loss, opponent=opponent)


@pytest.fixture
def undisturbed(tmp_path, progress):
    folder = tmp_path / "undisturbed"
    return weights(run(folder, progress)), (folder / LOG).read_text()


@pytest.mark.parametrize("stops", [(2,), (4,), (5,), (10,), (3, 5, 9)])
def test_a_training_resumed_any_number_of_times_equals_an_undisturbed_one(
    tmp_path, progress, undisturbed, stops
):
    folder = tmp_path / "resumed"
    for stop in stops:
        with pytest.raises(Interrupted):
            run(folder, progress, toy(stop_at=stop))
        assert (folder / CHECKPOINT).is_file() == (stop >= 4)
        assert not (folder / LOG).exists()
    assert same(weights(run(folder, progress)), undisturbed[0])
    assert (folder / LOG).read_text() == undisturbed[1]


@pytest.mark.parametrize("stops", [(3,), (7,), (5, 9)])
def test_a_resumed_training_against_an_opponent_equals_an_undisturbed_one(
    tmp_path, progress, stops
):
    whole = contested()
    weights_then = weights(run(tmp_path / "undisturbed", progress, whole))
    folder = tmp_path / "resumed"
    for stop in stops:
        with pytest.raises(Interrupted):
            run(folder, progress, contested(stop_at=stop))
    again = contested()
    assert same(weights(run(folder, progress, again)), weights_then)
    assert same(again.opponent.model.state_dict(), whole.opponent.model.state_dict())
    assert (folder / LOG).read_text() == (tmp_path / "undisturbed" / LOG).read_text()


def test_an_opponent_changes_what_is_learned_and_is_no_part_of_it(tmp_path, progress, undisturbed):
    trained = weights(run(tmp_path / "contested", progress, contested()))
    assert trained.keys() == undisturbed[0].keys()
    assert not same(trained, undisturbed[0])


def test_a_term_that_begins_late_is_averaged_over_the_steps_that_have_it(tmp_path, progress):
    objective = counting([0.0, 1.0, 2.0, 3.0, 4.0])
    rival = nn.Linear(1, 1)

    def loss(batch: int, step: int) -> tuple[Tensor, dict[str, float]]:
        return rival(torch.zeros(1, 1)).sum() * 0, {"batch": float(batch)}

    config = Training(steps=5, log_every=3, clip_norm=None)
    opponent = Opponent("rival", rival, loss, config, start_step=2)
    run(tmp_path, progress, replace(objective, opponent=opponent), config)
    first, second = read_log(tmp_path / LOG)
    assert (first["twice"], first["rival_batch"]) == (2.0, 2.0)
    assert (second["twice"], second["rival_batch"]) == (7.0, 3.5)


def test_an_opponent_whose_loss_is_not_finite_is_named(tmp_path, progress):
    rival = nn.Linear(1, 1)
    config = Training(steps=2, log_every=1)

    def loss(batch: int, step: int) -> tuple[Tensor, dict[str, float]]:
        return rival(torch.full((1, 1), math.nan)).sum(), {}

    opponent = Opponent("rival", rival, loss, config, start_step=0)
    with pytest.raises(TrainingError, match="step 1: rival_loss, rival_gradient_norm is not"):
        run(tmp_path, progress, replace(counting([0.0, 0.0]), opponent=opponent), config)


def test_resuming_is_told_and_starts_at_the_last_checkpoint(tmp_path, progress, spoken):
    with pytest.raises(Interrupted):
        run(tmp_path, progress, toy(stop_at=7))
    run(tmp_path, progress)
    assert "a stage resumed at step 4" in spoken.file.getvalue()


@pytest.mark.parametrize("size", [0, 100, -1])
def test_a_truncated_checkpoint_is_named_and_training_starts_again(
    tmp_path, progress, spoken, undisturbed, size
):
    folder = tmp_path / "damaged"
    with pytest.raises(Interrupted):
        run(folder, progress, toy(stop_at=7))
    path = folder / CHECKPOINT
    path.write_bytes(path.read_bytes()[:size])
    assert same(weights(run(folder, progress)), undisturbed[0])
    said = spoken.file.getvalue()
    assert f"{path} cannot be read" in said
    assert "Training starts again from step 0." in said


def test_what_ran_before_changes_nothing(tmp_path, progress, undisturbed):
    torch.rand(100)
    objective = toy()
    torch.rand(100)
    assert same(weights(run(tmp_path / "later", progress, objective)), undisturbed[0])


def counting(values: list[float]) -> Objective:
    """A loss that takes these values, with no gradient to speak of."""
    model = nn.Linear(2, 2)

    def loss(batch: int, step: int) -> tuple[Tensor, dict[str, float]]:
        nothing = sum(parameter.sum() for parameter in model.parameters()) * 0
        return nothing + values[step], {"twice": 2 * values[step]}

    return Objective(model, loss, lambda first: iter(range(first, len(values))))


def test_a_log_line_holds_the_mean_of_the_steps_since_the_last(tmp_path, progress):
    config = Training(steps=5, log_every=2, clip_norm=None)
    run(tmp_path, progress, counting([0.0, 1.0, 2.0, 3.0, 4.0]), config)
    assert read_log(tmp_path / LOG) == [
        {"step": 2.0, "loss": 0.5, "twice": 1.0},
        {"step": 4.0, "loss": 2.5, "twice": 5.0},
        {"step": 5.0, "loss": 4.0, "twice": 8.0},
    ]


def test_the_log_tells_the_gradients_norm_before_it_is_clipped(tmp_path, progress):
    weight = nn.Parameter(torch.zeros(2))
    model = nn.ParameterList([weight])

    def loss(batch: int, step: int) -> tuple[Tensor, dict[str, float]]:
        return weight @ torch.tensor([3.0, 4.0]), {}

    run(tmp_path, progress, Objective(model, loss, lambda first: iter([0])), Training(steps=1))
    assert read_log(tmp_path / LOG)[0]["gradient_norm"] == pytest.approx(5.0)
    assert weight.grad is not None
    assert weight.grad.norm().item() == pytest.approx(1.0)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_stops_training_and_names_step_and_checkpoint(
    tmp_path, progress, bad
):
    config = Training(steps=9, log_every=2, checkpoint_every=2)
    with pytest.raises(TrainingError) as caught:
        run(tmp_path, progress, counting([0, 0, 0, 0, 0, bad, 0, 0, 0]), config)
    said = str(caught.value)
    assert said.startswith("Training stopped by step 6: loss, twice")
    assert f"The last good checkpoint is {tmp_path / CHECKPOINT}." in said
    with pytest.raises(TrainingError, match="There is no checkpoint yet"):
        run(tmp_path / "first", progress, counting([bad] * 9), config)


def test_frozen_parameters_stay_as_they_are(tmp_path, progress):
    objective = counting([0.0])
    objective.model.bias.requires_grad_(False).fill_(3.0)
    config = Training(steps=1, learning_rate=0.1, weight_decay=0.5)
    assert weights(run(tmp_path, progress, objective, config))["bias"].tolist() == [3.0, 3.0]


def test_the_averaged_model_is_returned_in_eval_mode(tmp_path, progress):
    objective = toy()
    trained = run(tmp_path, progress, objective)
    assert not trained.model.training
    assert not same(trained.model.state_dict(), objective.model.state_dict())
    assert torch.equal(trained.model.moved, objective.model.moved)
    assert trained.seconds > 0
    assert trained.peak_memory_bytes > 0


def test_a_model_without_parameters_needs_no_training(tmp_path, progress):
    model = nn.Identity()
    trained = run(tmp_path, progress, Objective(model, counting([]).loss, lambda first: iter(())))
    assert trained.model is model
    assert read_log(tmp_path / LOG) == []
