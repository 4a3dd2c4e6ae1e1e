"""What is recorded and when, with a recorder for CPUs; mirrors rqbench/graph.py."""

import gc
from typing import Any
from weakref import WeakKeyDictionary

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from rqbench import graph
from rqbench.choice import Sampling
from rqbench.condition_spec import ConditionSpec
from rqbench.graph import drawn_by_graph, forget
from rqbench.layout import CodeLayout
from rqbench.lockstep import all_uniforms
from rqbench.prior import Prior
from rqbench_priors.depth_stacked import DepthStacked, DepthStackedConfig

LAYOUT = CodeLayout(2, 3, 3, 40)


class Tape(TorchDispatchMode):
    """Remembers operations on tensors and what they gave, and can do them again into the same
    memory: whatever Python made of them in between stays as it was, as in a graph."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[tuple[Any, Any, Any, Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        self.done.append((func, args, kwargs or {}, result))
        return result

    @torch.no_grad()
    def replay(self) -> None:
        for func, args, kwargs, before in self.done:
            again = func(*args, **kwargs)
            for old, new in zip(tree_leaves(before), tree_leaves(again), strict=True):
                if isinstance(old, Tensor) and old.data_ptr() != new.data_ptr():
                    old.copy_(new)


class Recorder:
    """Counts what it records."""

    def __init__(self) -> None:
        self.records = 0

    def __call__(self, work):
        self.records += 1
        tape = Tape()
        with torch.no_grad(), tape:
            result: Tensor = work()
        return tape.replay, result


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def prior() -> Prior:
    return build()


def build() -> Prior:
    config = DepthStackedConfig(width=16, heads=2, body_layers=2, depth_layers=1, inputs="learned")
    prior = DepthStacked(config, LAYOUT, condition=ConditionSpec(4, null=True)).eval()
    for weight in prior.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    return prior


def classes(rows: int, first: int = 0) -> Tensor:
    return (torch.arange(rows)[:, None] + first) % 4


@torch.no_grad()
def draw(prior, recorder, rows=5, seed=0, first=0, sampling=None, mode="graph"):
    drawn = all_uniforms(seed, torch.arange(rows) + first, LAYOUT.max_codes)
    return drawn_by_graph(
        prior, rows, sampling or Sampling(), drawn, classes(rows, first), mode, recorder
    )


def test_a_replay_draws_what_the_loop_draws_for_new_uniforms_and_conditions(prior, recorder):
    for seed, first in ((0, 0), (3, 5), (0, 0)):
        expected = prior.sample(5, seed, None, classes(5, first), first, mode="eager")
        assert torch.equal(draw(prior, recorder, 5, seed, first).values, expected.values)
    assert recorder.records == 1


def test_codes_stay_when_the_next_batch_is_drawn(prior, recorder):
    first = draw(prior, recorder, seed=0)
    values = first.values.clone()
    draw(prior, recorder, seed=1)
    assert torch.equal(first.values, values)


@pytest.mark.parametrize(
    "other", [{"rows": 4}, {"sampling": Sampling(top_k=3)}, {"mode": "compile"}]
)
def test_another_batch_sampling_or_mode_is_recorded_anew(prior, recorder, other):
    draw(prior, recorder)
    draw(prior, recorder, **other)
    assert recorder.records == 2


def test_weights_that_moved_are_recorded_anew_and_changed_ones_read_where_they_lie(prior, recorder):
    draw(prior, recorder)
    with torch.no_grad():
        prior.head.linear.weight.mul_(-1)
    expected = prior.sample(5, 0, None, classes(5), mode="eager")
    assert torch.equal(draw(prior, recorder).values, expected.values)
    assert recorder.records == 1
    prior.head.linear.weight.data = prior.head.linear.weight.data.clone()
    draw(prior, recorder)
    assert recorder.records == 2


def test_a_record_goes_with_its_prior_or_when_it_is_to_be_forgotten(monkeypatch):
    monkeypatch.setattr(graph, "_recorded", WeakKeyDictionary())
    prior = build()
    draw(prior, once)
    assert len(graph._recorded) == 1
    forget(prior)
    assert len(graph._recorded) == 0
    draw(prior, once)
    del prior
    gc.collect()
    assert len(graph._recorded) == 0


def once(work):
    """As a CUDA graph, it holds nothing of what it was made of."""
    return lambda: None, work()
