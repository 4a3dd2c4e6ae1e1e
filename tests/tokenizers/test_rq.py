"""Mirrors rqbench_tokenizers/rq.py."""

import copy

import pytest
import torch

from rqbench_tokenizers.conv_config import ConvConfig
from rqbench_tokenizers.moving_average import MovingAverage
from rqbench_tokenizers.rq import RQ, RQConfig

IMAGES = torch.rand(8, 3, 16, 16, generator=torch.Generator().manual_seed(3))


def deep(shared: bool = True, depth: int = 3) -> RQ:
    config = RQConfig(conv=ConvConfig.tiny(), codebook_size=16, depth=depth, shared_codebook=shared)
    return RQ(config)


def test_the_codebook_is_one_table_or_one_for_each_depth() -> None:
    shared, separate = deep(), deep(shared=False)
    assert shared.codebook().shape == separate.codebook().shape == (3, 16, 8)
    assert torch.equal(shared.codebook()[0], shared.codebook()[2])
    assert not torch.equal(separate.codebook()[0], separate.codebook()[2])


@pytest.mark.parametrize("shared", [True, False])
def test_each_further_code_brings_the_sum_nearer_to_the_latents(shared: bool) -> None:
    tokenizer = deep(shared)
    tokenizer(IMAGES)
    tokenizer.eval()
    latents, books = tokenizer.halves.encode(IMAGES), tokenizer.codebook()
    errors = []
    for point in tokenizer.operating_points():
        values = point.encode(IMAGES).values
        picked = [books[d][values[..., d]] for d in range(values.shape[-1])]
        errors.append((latents - sum(picked)).square().mean().item())
    assert errors == sorted(errors, reverse=True)
    assert errors[2] < 0.7 * errors[0]


def test_operating_points_are_the_prefixes_and_the_last_is_its_own() -> None:
    tokenizer = deep().eval()
    points, whole = tokenizer.operating_points(), tokenizer.encode(IMAGES)
    assert [point.settings for point in points] == [{"depth": 1}, {"depth": 2}, {"depth": 3}]
    for depth, point in enumerate(points, start=1):
        codes = point.encode(IMAGES)
        assert codes.layout.depth == depth
        assert torch.equal(codes.values, whole.values[..., :depth])


def test_a_shared_codebook_is_updated_once_for_each_depth() -> None:
    tokenizer = deep()
    for _ in range(2):
        tokenizer(IMAGES)
    before = tokenizer.state_dict()["tables.0.counts"].clone()
    tokenizer.after_step()
    table = tokenizer.state_dict()
    # all three depths saw 8 * 16 vectors, and so the total stays at that, restarts aside
    assert before.sum().item() == pytest.approx(128)
    assert table["tables.0.counts"].sum().item() >= 128 * 0.99**3 + 128 * (1 - 0.99**3)


def test_psnr_rises_with_the_prefix_after_a_short_training() -> None:
    tokenizer = deep(shared=False, depth=2)
    smooth = torch.nn.functional.interpolate(torch.rand(8, 3, 4, 4), size=16, mode="bilinear")
    optimizer = torch.optim.Adam(tokenizer.parameters(), lr=5e-3)
    for _ in range(40):
        output = tokenizer(smooth)
        loss = (output.reconstructions - smooth).square().mean() + sum(output.losses.values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        tokenizer.after_step()
    tokenizer.eval()
    errors = [
        (tokenizer.decode(point.encode(smooth)) - smooth).square().mean().item()
        for point in tokenizer.operating_points()
    ]
    assert errors[1] < errors[0] < smooth.var().item()


def test_soft_codes_cover_the_whole_stack() -> None:
    tokenizer = deep().eval()
    probabilities, codes = tokenizer.soft_codes(IMAGES, 0.5, torch.Generator().manual_seed(0))
    assert probabilities.shape == (8, 4, 4, 3, 16)
    assert codes.layout == tokenizer.layout(16)


def test_soft_codes_without_draws_are_those_that_encode_gives() -> None:
    tokenizer = deep().eval()
    _, codes = tokenizer.soft_codes(IMAGES, 0.5)
    assert torch.equal(codes.values, tokenizer.encode(IMAGES).values)


def test_updates_in_turn_show_each_depth_what_the_one_before_it_learned() -> None:
    config = RQConfig(
        conv=ConvConfig.tiny(), codebook_size=2, depth=2, updates="in-turn",
        average=MovingAverage(decay=0.0, restart_below=0.0),
    )  # fmt: skip
    tokenizer = RQ(config)
    tokenizer._table(0).start(torch.tensor([[4.0] + [0.0] * 7, [-9.0] + [0.0] * 7]), 2)
    latents = torch.zeros(1, 1, 2, 8)
    latents[..., 0] = torch.tensor([3.0, 5.0])
    codes, prefixes = tokenizer._update_in_turn(latents)
    # both choose 4; without memory code 0 is then their mean, 4, again, and code 1 falls to 0:
    # what is left, -1 and 1, chooses 0
    assert codes[0, 0].tolist() == [[0, 1], [0, 1]]
    assert prefixes[0, 0, :, :, 0].tolist() == [[4, pytest.approx(4)], [4, pytest.approx(4)]]
    assert tokenizer._table(0).vectors[1, 0].item() == pytest.approx(0, abs=1e-3)


def test_updates_in_turn_leave_nothing_for_the_end_of_the_step() -> None:
    config = RQConfig(conv=ConvConfig.tiny(), codebook_size=16, depth=3, updates="in-turn")
    tokenizer = RQ(config)
    tokenizer(IMAGES)
    before = copy.deepcopy(tokenizer.state_dict())
    tokenizer.after_step()
    assert all(torch.equal(before[name], value) for name, value in tokenizer.state_dict().items())
    assert not torch.equal(before["tables.0.counts"], torch.full((16,), 8.0))


@pytest.mark.parametrize(("shared", "rows"), [(True, 1), (False, 3)])
def test_a_padding_row_lies_below_each_table_and_no_code_names_it(shared: bool, rows: int) -> None:
    config = RQConfig(
        conv=ConvConfig.tiny(), codebook_size=16, depth=3, shared_codebook=shared, padding_row=True
    )
    tokenizer = RQ(config)
    assert tokenizer.padding_rows() == rows
    assert tokenizer.codebook().shape == (3, 16, 8)
    paddings = [value for name, value in tokenizer.state_dict().items() if "padding" in name]
    assert [row.tolist() for row in paddings] == [[[0.0] * 8]] * rows
