"""The operations of each phase of `cost` are those that torch counts while codes are drawn."""

from collections import Counter

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from rqbench.api import CodeLayout, Codes, Prior, spread
from rqbench_priors.coarse_to_fine import CoarseToFine
from rqbench_priors.depth_stacked import DepthStacked
from rqbench_priors.dq_transformer import DQTransformer
from rqbench_priors.generation import forced
from rqbench_priors.raster import Raster
from rqbench_priors.transformer import Stack

STACKS = {"body": "stack", "depth": "depth_stack", "position": "position_stack",
          "content": "content_stack"}  # fmt: skip
TWO_GRAINS = CodeLayout(4, 4, 1, 32, (2, 1))


def stack_of(prior: Prior, phase: str) -> Stack | None:
    """The transformer of a phase; None of the phase that is the heads."""
    if isinstance(prior, DepthStacked) and phase == "body":
        return prior.body
    owner = prior.network if isinstance(prior, DQTransformer) else prior
    return getattr(owner, STACKS[phase]) if phase in STACKS else None


@pytest.mark.parametrize(
    ("kind", "layout"),
    [
        (Raster, CodeLayout(4, 4, 1, 32)),
        (DepthStacked, CodeLayout(3, 3, 4, 32)),
        (CoarseToFine, TWO_GRAINS),
        (DQTransformer, TWO_GRAINS),
    ],
)
def test_counted_operations_agree_within_a_percent_in_each_phase(kind, layout, monkeypatch):
    prior = kind.tiny(layout).eval()
    values, grains = torch.randint(32, (2, layout.height, layout.width, layout.depth)), None
    if layout.is_dynamic:  # coarse regions first, so that no END is forced
        grains = torch.tensor([[0, 0], [1, 1]]).expand(2, -1, -1)
        values = spread(values, grains, layout)
    codes = Codes(values, layout, grains)
    counts = (2, 2) if layout.is_dynamic else None
    by_stack: Counter[int] = Counter()
    step, forward = Stack.step, Stack.forward

    def counted(whole):
        def call(self, *arguments):
            before = counter.get_total_flops()
            out = whole(self, *arguments)
            by_stack[id(self)] += counter.get_total_flops() - before
            return out

        return call

    monkeypatch.setattr(Stack, "step", counted(step))
    monkeypatch.setattr(Stack, "forward", counted(forward))
    symbols = prior.symbols(codes)
    with (
        torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH),
        FlopCounterMode(display=False) as counter,
    ):
        prior.generate(forced(symbols), 2)
    by_stack[id(None)] = counter.get_total_flops() - sum(by_stack.values())
    for phase, cost in prior.cost(2, counts).items():
        found = by_stack[id(stack_of(prior, phase))]
        assert cost.operations == pytest.approx(found, rel=0.01), phase
