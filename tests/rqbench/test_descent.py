"""Mirrors rqbench/descent.py."""

import pytest
import torch
from torch import Tensor, nn

from rqbench.descent import build_optimizers, take_step
from rqbench.objective import Objective, Opponent
from rqbench.training import Training

STEADY = {"learning_rate": 0.1, "warmup_steps": 0, "schedule": "constant", "clip_norm": None}
BATCH = torch.tensor([[1.0], [2.0], [4.0], [9.0], [3.0]])


class Tables(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear, self.table = nn.Linear(2, 2), nn.Embedding(3, 2)


@pytest.mark.parametrize(
    ("where", "decaying"),
    [
        ("matrices", {"linear.weight", "table.weight"}),
        ("linear", {"linear.weight"}),
        ("all", {"linear.weight", "linear.bias", "table.weight"}),
    ],
)
def test_what_is_named_decays_and_nothing_else(where, decaying):
    model = Tables()
    config = Training(weight_decay=0.5, weight_decay_on=where, **STEADY)
    before = {name: value.detach().clone() for name, value in model.named_parameters()}

    def loss(batch: Tensor, step: int) -> tuple[Tensor, dict[str, float]]:
        return sum(value.sum() for value in model.parameters()) * 0, {}

    objective = Objective(model, loss, iter)
    take_step(objective, build_optimizers(objective, config), config, BATCH, 0, "cpu")
    for name, value in model.named_parameters():
        share = 1 - 0.1 * 0.5 if name in decaying else 1
        torch.testing.assert_close(value.detach(), before[name] * share)


def line(seen: list[list[float]]) -> tuple[nn.Linear, Objective]:
    """y = w x + b with the mean square as its loss; `seen` gets each batch or part that comes."""
    model = nn.Linear(1, 1)
    with torch.no_grad():
        model.weight.fill_(0.5)
        model.bias.fill_(-1.0)

    def loss(batch: Tensor, step: int) -> tuple[Tensor, dict[str, Tensor]]:
        seen.append(batch.flatten().tolist())
        return model(batch).square().mean(), {"mean": batch.mean()}

    return model, Objective(model, loss, iter)


def test_parts_of_a_batch_make_the_step_that_the_whole_batch_makes():
    results = []
    for accumulation in (1, 2, 5):
        seen: list[list[float]] = []
        model, objective = line(seen)
        config = Training(batch_size=10, accumulation=accumulation, **STEADY)
        optimizers = build_optimizers(objective, config)
        terms = take_step(objective, optimizers, config, BATCH, 0, "cpu")
        assert [value for part in seen for value in part] == BATCH.flatten().tolist()
        assert len(seen) == accumulation
        gradients = [parameter.grad for parameter in model.parameters()]
        results.append([*gradients, terms["loss"], terms["mean"]])
    for parts in results[1:]:
        torch.testing.assert_close(parts, results[0])


def test_the_model_moves_before_its_opponent_looks_and_each_by_its_own_rate():
    order = []
    model, rival = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(rival.weight)

    def loss(batch: Tensor, step: int) -> tuple[Tensor, dict[str, float]]:
        return model(batch).mean(), {}

    def rivals_loss(batch: Tensor, step: int) -> tuple[Tensor, dict[str, float]]:
        order.append(("rival looks", round(model.weight.item(), 6)))
        return -rival(batch).mean(), {}

    config = Training(**STEADY)
    rivals = config.model_copy(update={"learning_rate": 0.25})
    opponent = Opponent("rival", rival, rivals_loss, rivals, start_step=1)
    objective = Objective(
        model, loss, iter, after_step=lambda: order.append(("after step", 0)), opponent=opponent
    )
    optimizers = build_optimizers(objective, config)
    assert take_step(objective, optimizers, config, BATCH, 0, "cpu").keys() == {"loss"}
    terms = take_step(objective, optimizers, config, BATCH, 1, "cpu")
    assert terms.keys() == {"loss", "rival_loss"}
    assert order == [("after step", 0), ("after step", 0), ("rival looks", -0.2)]
    assert rival.weight.item() == pytest.approx(0.25)  # Adam's first step is the rate itself
