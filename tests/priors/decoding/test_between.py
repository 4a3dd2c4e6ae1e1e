"""What lies between products, as it is and compiled; mirrors rqbench_priors/decoding/between.py."""

import shutil

import pytest
import torch
import torch.nn.functional as F

from rqbench.api import Sampling
from rqbench_priors.decoding.between import compiled_steps, compiles, settle

from .test_lockstep_sampling import FIRST, PRIORS, SEED, excited, num_wrong

needs_compiler = pytest.mark.skipif(
    not shutil.which("g++"), reason="torch compiles for CPUs with g++"
)


def test_settling_adds_what_is_pending_and_norms():
    stream, (pending, weight, bias) = torch.randn(3, 8), torch.randn(3, 8)
    before = stream.clone()
    normed = settle(stream, pending, weight, bias)
    assert torch.equal(stream, before + pending)
    assert torch.allclose(normed, F.layer_norm(before + pending, (8,), weight, bias), atol=1e-6)


def test_steps_are_compiled_only_while_that_is_asked_for():
    with pytest.raises(KeyboardInterrupt), compiled_steps():
        assert compiles()
        raise KeyboardInterrupt
    assert not compiles()


@needs_compiler
@pytest.mark.parametrize("name", ["stacks", "raster"])
def test_compiled_steps_draw_the_same_codes(name):
    prior = excited(PRIORS[name]())
    codes = prior.sample(5, SEED, first_image=FIRST, mode="compile")
    assert num_wrong(prior, codes, Sampling(), None)[0] == 0
