"""The lockstep loops as a CUDA graph needs them: nothing in them depends on values, and no tensor
passes between host and device.

On the meta device tensors have no values, so that an operation which needs one fails; it takes the
branches that a GPU takes. A list of numbers that becomes a tensor of the device goes unseen.
"""

from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from rqbench.api import Lockstep, Prior, Sampling
from rqbench.lockstep import all_uniforms

from .test_lockstep_sampling import PRIORS, SETTINGS


class Apart(TorchDispatchMode):
    """Refuses what touches the host's memory."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        tensors = tree_leaves((args, kwargs, result))
        devices = {one.device.type for one in tensors if isinstance(one, torch.Tensor)}
        assert devices <= {"meta"}, f"{func} touches {devices}"
        return result


@torch.no_grad()
def draw_without_values(prior: Prior, sampling: Sampling, dtype: torch.dtype) -> torch.Size:
    prior = prior.eval().to(device="meta", dtype=dtype)
    spec = prior.condition
    shape = (3, spec.length) if spec else None
    condition = torch.empty(shape, dtype=torch.int64, device="meta") if shape else None
    with Apart():
        drawn = all_uniforms(0, torch.arange(3, device="meta"), prior.layout.max_codes)
        codes = prior.generate_lockstep(Lockstep(sampling, drawn), 3, condition)
    return codes.values.shape


@pytest.mark.parametrize("name", PRIORS)
def test_every_loop_runs_without_values(name):
    prior = PRIORS[name]()
    layout = prior.layout
    expected = (3, layout.height, layout.width, layout.depth)
    assert draw_without_values(prior, Sampling(), torch.bfloat16) == expected


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_choice_does(setting):
    prior = PRIORS["stacks"]()
    assert draw_without_values(prior, SETTINGS[setting], torch.float32)[0] == 3


def test_a_look_at_values_would_be_noticed():
    class Curious(Lockstep):
        def __call__(self, logits: torch.Tensor, ordinal: int, depth: int) -> torch.Tensor:
            return torch.full_like(logits[:, 0], float(logits.max()), dtype=torch.int64)

    prior = PRIORS["stacks"]().eval().to("meta")
    drawn = torch.empty(prior.layout.max_codes, 3, device="meta")
    with pytest.raises(RuntimeError), torch.no_grad():
        prior.generate_lockstep(Curious(Sampling(), drawn), 3, None)


def test_a_tensor_of_the_host_would_be_noticed():
    with pytest.raises(AssertionError, match="touches"), Apart():
        torch.arange(3).to("meta")
