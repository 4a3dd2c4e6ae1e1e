"""Mirrors rqbench_tokenizers/straight_through.py."""

import torch

from rqbench_tokenizers.straight_through import straight_through


def test_the_value_is_the_quantized_one_and_the_gradient_the_latents() -> None:
    latents = torch.tensor([0.1, 2.0], requires_grad=True)
    quantized = torch.tensor([1e-8, 3.0], requires_grad=True)
    result = straight_through(latents, quantized)
    assert result.tolist() == quantized.tolist()
    (result * torch.tensor([5.0, 7.0])).sum().backward()
    assert latents.grad is not None
    assert latents.grad.tolist() == [5.0, 7.0]
    assert quantized.grad is None
