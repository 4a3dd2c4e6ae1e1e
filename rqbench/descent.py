"""One step of a training: gradients over the parts of a batch, the model's turn, the opponent's."""

from typing import Any

import torch
from torch import Tensor, nn

from .objective import Loss, Objective
from .training import Training

MODEL, OPPONENT = "optimizer", "opponent_optimizer"
"""The optimizers' names in checkpoints."""


def build_optimizers(objective: Objective, config: Training) -> dict[str, torch.optim.Optimizer]:
    """The model's, and the opponent's where there is one."""
    optimizers = {MODEL: _optimizer(objective.model, config)}
    if objective.opponent is not None:
        optimizers[OPPONENT] = _optimizer(objective.opponent.model, objective.opponent.training)
    return optimizers


def take_step(
    objective: Objective,
    optimizers: dict[str, torch.optim.Optimizer],
    config: Training,
    batch: Any,
    step: int,
    device: str,
) -> dict[str, Tensor]:
    """Let the model learn from one batch, then its opponent; what there is to log."""
    parts = _parts(batch, config.accumulation)
    terms = _descend(
        objective.model, objective.loss, optimizers[MODEL], config, parts, step, device
    )
    objective.after_step()
    opponent = objective.opponent
    if opponent is not None and step >= opponent.start_step:
        its_terms = _descend(
            opponent.model, opponent.loss, optimizers[OPPONENT], opponent.training, parts, step,
            device,
        )  # fmt: skip
        terms |= {f"{opponent.name}_{name}": value for name, value in its_terms.items()}
    return terms


def _parts(batch: Any, count: int) -> list[tuple[Any, float]]:
    """Equal parts of a batch, as far as it divides, each with its share of the whole."""
    if count == 1:
        return [(batch, 1.0)]
    size = -(-len(batch) // count)
    parts = [batch[start : start + size] for start in range(0, len(batch), size)]
    return [(part, len(part) / len(batch)) for part in parts]


def _descend(
    model: nn.Module,
    loss: Loss,
    optimizer: torch.optim.Optimizer,
    config: Training,
    parts: list[tuple[Any, float]],
    step: int,
    device: str,
) -> dict[str, Tensor]:
    """One optimizer step; the means of all terms over the parts."""
    rate = config.learning_rate_at(step)
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad(set_to_none=True)
    half = config.precision == "bfloat16" and device.startswith("cuda")
    means: dict[str, Tensor] = {}
    for part, share in parts:
        with torch.autocast("cuda", torch.bfloat16, enabled=half):
            value, terms = loss(part, step)
        (value * share).backward()  # type: ignore[no-untyped-call]
        for name, term in ({"loss": value} | terms).items():
            term = torch.as_tensor(term, device=device).detach() * share
            means[name] = means[name] + term if name in means else term
    if config.clip_norm is not None:
        norm = nn.utils.clip_grad_norm_(model.parameters(), config.clip_norm)
        means["gradient_norm"] = norm.detach()
    optimizer.step()
    return means


def _optimizer(model: nn.Module, config: Training) -> torch.optim.Optimizer:
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    decaying = _decaying(model, config)
    groups = [
        {"params": [p for p in learning if p in decaying], "weight_decay": config.weight_decay},
        {"params": [p for p in learning if p not in decaying], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=config.betas)


def _decaying(model: nn.Module, config: Training) -> set[Tensor]:
    if config.weight_decay_on == "all":
        return set(model.parameters())
    if config.weight_decay_on == "matrices":
        return {parameter for parameter in model.parameters() if parameter.ndim >= 2}
    return {module.weight for module in model.modules() if isinstance(module, nn.Linear)}
