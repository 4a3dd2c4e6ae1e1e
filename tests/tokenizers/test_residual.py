"""Mirrors rqbench_tokenizers/residual.py."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from vector_quantize_pytorch import ResidualVQ

from rqbench_tokenizers import residual as module
from rqbench_tokenizers.residual import (
    commitment,
    embed,
    residual_codes,
    residual_quantize,
    soft_residual,
    starting_codebooks,
)

CODEBOOKS = torch.tensor([[[0.0], [10.0]], [[0.0], [1.0]]])  # d=2 k=2 e=1: tens, then units


def test_codes_name_the_tens_then_the_units() -> None:
    codes, prefixes = residual_quantize(torch.tensor([[[[10.9]]]]), CODEBOOKS)
    assert codes.tolist() == [[[[1, 1]]]]
    assert prefixes.flatten().tolist() == [10.0, 11.0]
    assert embed(codes, CODEBOOKS).item() == 11.0


def test_fewer_codes_name_the_shorter_sum() -> None:
    codes, _ = residual_quantize(torch.tensor([[[[10.9]]]]), CODEBOOKS)
    assert embed(codes[..., :1], CODEBOOKS[:1]).item() == 10.0


def test_codes_agree_with_an_independent_implementation() -> None:
    other = ResidualVQ(dim=6, num_quantizers=4, codebook_size=32, shared_codebook=True).eval()
    latents = torch.randn(2, 5, 3, 6)
    expected_sum, expected_codes, _ = other(latents.flatten(1, 2))
    codes, prefixes = residual_quantize(latents, other.codebooks.detach())
    assert torch.equal(codes.flatten(1, 2), expected_codes)
    assert torch.allclose(prefixes[..., -1, :].flatten(1, 2), expected_sum, atol=1e-5)


def test_blocks_change_no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    latents, books = torch.randn(2, 5, 3, 6), torch.randn(4, 32, 6)
    whole = residual_codes(latents, books)
    monkeypatch.setattr(module, "VECTORS_PER_BLOCK", 7)
    assert torch.equal(residual_codes(latents, books), whole)
    assert torch.equal(residual_quantize(latents, books)[0], whole)


def test_no_latents_have_no_codes() -> None:
    assert residual_codes(torch.zeros(0, 5, 3, 6), torch.randn(4, 32, 6)).shape == (0, 5, 3, 4)


def test_codes_of_many_latents_take_less_than_a_gigabyte(peak_bytes: Callable[[], Any]) -> None:
    latents = torch.empty(16, 128, 128, 256, device="meta")  # 262,144 positions
    shared = torch.empty(16_384, 256, device="meta")
    with peak_bytes() as held:
        codes = residual_codes(latents, shared.expand(4, -1, -1))
    assert codes.nbytes < held.peak < 0.5 * 2**30


def test_commitment_is_the_mean_over_prefixes_worked_by_hand() -> None:
    latents = torch.tensor([[[[10.9]]]], requires_grad=True)
    _, prefixes = residual_quantize(latents, CODEBOOKS)
    loss = commitment(latents, prefixes)
    assert loss.item() == pytest.approx((0.9**2 + 0.1**2) / 2, rel=1e-4)
    loss.backward()
    assert latents.grad is not None
    assert latents.grad.item() == pytest.approx(0.9 - 0.1, rel=1e-4)
    assert commitment(latents, prefixes, "sum").item() == pytest.approx(0.82, rel=1e-4)


def test_soft_codes_fall_with_the_squared_distance_over_the_temperature() -> None:
    latents = torch.tensor([[[[1.0]]]])
    codebook = torch.tensor([[[0.0], [3.0]]])  # squared distances 1 and 4
    probabilities, codes = soft_residual(latents, codebook, 2.0, torch.Generator())
    assert probabilities.flatten().tolist() == pytest.approx(
        torch.tensor([-0.5, -2.0]).softmax(0).tolist()
    )
    assert codes.shape == (1, 1, 1, 1)


def test_soft_codes_are_drawn_at_their_frequencies_and_the_residual_follows_them() -> None:
    latents = torch.full((1, 50, 80, 1), 1.0)
    books = torch.tensor([[[0.0], [3.0]], [[1.0], [-2.0]]])  # the second repairs either draw
    probabilities, codes = soft_residual(latents, books, 2.0, torch.Generator().manual_seed(1))
    expected = probabilities[0, 0, 0, 0, 1].item()
    assert codes[..., 0].float().mean().item() == pytest.approx(expected, abs=0.03)
    likeliest = probabilities[..., 1, :].argmax(-1)
    assert torch.equal(likeliest, codes[..., 0])


def test_cold_soft_codes_are_the_hard_ones() -> None:
    latents, books = torch.randn(2, 4, 4, 3), torch.randn(3, 8, 3)
    _, codes = soft_residual(latents, books, 1e-6, torch.Generator().manual_seed(0))
    assert torch.equal(codes, residual_quantize(latents, books)[0])


def test_without_a_generator_soft_codes_are_the_hard_ones_at_any_temperature() -> None:
    latents, books = torch.randn(2, 4, 4, 3), torch.randn(3, 8, 3)
    hard, prefixes = residual_quantize(latents, books)
    probabilities, codes = soft_residual(latents, books, 50.0)
    assert torch.equal(codes, hard)
    assert torch.equal(probabilities.argmax(dim=-1), hard)
    left = latents - prefixes[..., 1, :]  # what the third code describes
    distances = (left[..., None, :] - books[2]).square().sum(dim=-1)
    torch.testing.assert_close(probabilities[..., 2, :], (-distances / 50).softmax(dim=-1))


@pytest.mark.parametrize("shared", [True, False])
def test_starting_codebooks_leave_less_at_each_depth(shared: bool) -> None:
    latents = torch.randn(4, 8, 8, 4) + 5
    books = starting_codebooks(latents, 3, 16, shared)
    assert books.shape == (3, 16, 4)
    _, prefixes = residual_quantize(latents, books)
    errors = (latents[..., None, :] - prefixes).square().mean(dim=(0, 1, 2, 4))
    assert errors[0] > 1.1 * errors[1] > 1.2 * errors[2]
    assert torch.equal(books[0], books[2]) == shared


def test_a_shared_start_has_all_its_rows_even_when_depths_do_not_divide_it() -> None:
    assert starting_codebooks(torch.randn(1, 4, 4, 2), 3, 8, shared=True).shape == (3, 8, 2)
    assert starting_codebooks(torch.randn(1, 4, 4, 2), 4, 2, shared=True).shape == (4, 2, 2)
