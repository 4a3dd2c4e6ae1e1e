"""Mirrors rqbench_priors/questions/sizes.py."""

import pytest
import torch

from rqbench.models import build_prior, build_tokenizer
from rqbench_priors.questions.priors import raster
from rqbench_priors.questions.sizes import prior_parameters, spec, tokenizer_macs
from rqbench_priors.questions.tokenizers import coarse_vq, dq, rq


def test_later_keys_win():
    assert spec("t", {"a": 1, "b": 1}, {"b": 2}) == {"type": "t", "config": {"a": 1, "b": 2}}


@pytest.mark.parametrize("make", [coarse_vq, rq, dq])
def test_multiply_adds_and_parameters_are_those_of_real_models(scale, make):
    """Every product is asked for its shape by hooks, apart from the counter."""
    _, made = make(scale(), 32)
    model = build_tokenizer(made["type"], made["config"], "t").eval()
    counted = []

    def add(layer, inputs, output):
        if isinstance(layer, torch.nn.Conv2d):
            counted.append(output[0].numel() * layer.weight[0].numel())
        elif isinstance(layer, torch.nn.Linear):
            counted.append(output[0].numel() * layer.in_features)

    for layer in model.modules():
        layer.register_forward_hook(add)
    with torch.no_grad():
        codes = model.encode(torch.rand(1, 3, 32, 32))
        model.decode(codes)
    layout = codes.layout  # each code is searched among k vectors of 8 values
    searched = layout.height * layout.width * layout.depth * layout.codebook_size * 8
    assert tokenizer_macs(made, 32) == sum(counted) + searched

    control = raster(scale())
    prior = build_prior("raster", control["config"], layout, model.codebook(), None, "p")
    expected = sum(weight.numel() for weight in prior.parameters())
    assert prior_parameters(control, made, 32) == expected
