"""Mirrors rqbench_tokenizers/dq.py."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from pydantic import ValidationError

from rqbench.api import Codes, ConfigError
from rqbench_tokenizers.conv_config import ConvConfig
from rqbench_tokenizers.dq import DQ
from rqbench_tokenizers.dq_config import DQConfig


def images(number: int = 40) -> torch.Tensor:
    """Noise whose strength differs from region to region, so that entropies differ."""
    draw = torch.Generator().manual_seed(3)
    strength = torch.rand(number, 1, 4, 4, generator=draw)
    strength = strength.repeat_interleave(4, dim=2).repeat_interleave(4, dim=3)
    return 0.5 + 0.4 * strength * (torch.rand(number, 3, 16, 16, generator=draw) - 0.5)


def dq(**changes: Any) -> DQ:
    return DQ(DQConfig(conv=ConvConfig.tiny(), resolution=16, codebook_size=8, **changes))


def triple(**changes: Any) -> DQ:
    conv = ConvConfig(channels=8, multipliers=(1, 1, 2), num_res_blocks=1, embedding=8)
    values = {"target_ratios": (0.3, 0.2), **changes}
    return DQ(DQConfig(conv=conv, resolution=16, codebook_size=8, grain_sizes=(4, 2, 1), **values))


def test_the_published_networks_have_their_published_sizes() -> None:
    tokenizer = DQ(DQConfig())
    assert tokenizer.router is not None

    def count(*modules: torch.nn.Module) -> int:
        return sum(weight.numel() for module in modules for weight in module.parameters())

    assert count(tokenizer.trunk, tokenizer.heads, tokenizer.router) == 33_306_882
    decoder = count(tokenizer.decoder) - count(tokenizer.decoder.post_quant_conv)
    assert decoder == 14_397_571


def test_layout_has_the_finest_grid_and_regions_of_the_coarsest_grain() -> None:
    layout = dq().layout(16)
    assert (layout.height, layout.width, layout.grain_sizes) == (8, 8, (2, 1))
    assert layout.region_grid == (4, 4)
    assert triple().layout(16).region_grid == (4, 4)


def test_another_side_than_the_configured_one_is_refused() -> None:
    with pytest.raises(ConfigError, match="16 pixels a side and cannot code 32x32"):
        dq().layout(32)
    with pytest.raises(ConfigError, match="cannot code 16x24"):
        dq().encode(torch.rand(1, 3, 16, 24))


def test_without_learned_positions_any_side_that_divides_will_do() -> None:
    for positions in ("fourier", "none"):
        tokenizer = dq(positions=positions).eval()
        codes = tokenizer.encode(torch.rand(1, 3, 24, 16))
        assert codes.layout.region_grid == (6, 4)
        assert tokenizer.decode(codes).shape == (1, 3, 24, 16)
    with pytest.raises(ConfigError, match="18 pixels does not divide"):
        tokenizer.layout(18)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"grain_sizes": (3, 1)}, "powers of two"),
        ({"grain_sizes": (4, 2, 1)}, "up to 2"),
        ({"target_ratios": (0.5, 0.2)}, "must be 1 shares"),
        ({"target_ratios": (1.5,)}, "at most 1"),
        ({"budget_weight": (1.0, 1.0)}, "one number, or 1"),
        ({"budget_weight": -1.0}, "greater than or equal to 0"),
    ],
)
def test_grains_that_do_not_fit_are_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        dq(**changes)


@pytest.mark.parametrize("router", ["feature", "entropy"])
@pytest.mark.parametrize("target", [0.25, 0.5])
def test_after_calibration_the_share_of_fine_regions_is_the_target(
    router: str, target: float
) -> None:
    tokenizer, batch = dq(router=router, target_ratios=(target,)).eval(), images()
    tokenizer.before_training(batch)
    tokenizer.after_training(batch)
    grain_map = tokenizer.encode(batch).grain_map
    assert grain_map is not None
    assert grain_map.float().mean().item() == pytest.approx(target, abs=0.01)


@pytest.mark.parametrize("router", ["feature", "entropy"])
def test_operating_points_offer_other_shares(router: str) -> None:
    tokenizer, batch = dq(router=router).eval(), images()
    assert tokenizer.operating_points() == ()  # nothing is calibrated yet
    tokenizer.before_training(batch)
    tokenizer.after_training(batch)
    for point in tokenizer.operating_points():
        codes = point.encode(batch)
        assert codes.grain_map is not None
        realised = codes.grain_map.float().mean().item()
        assert realised == pytest.approx(point.settings["fine_ratio_target"], abs=0.01)
        assert tokenizer.decode(codes[:2]).shape == (2, 3, 16, 16)


@pytest.mark.parametrize("router", ["feature", "entropy"])
def test_three_grains_get_their_shares_with_the_same_code(router: str) -> None:
    tokenizer, batch = triple(router=router).eval(), images()
    tokenizer.before_training(batch)
    tokenizer.after_training(batch)
    codes = tokenizer.encode(batch)
    assert codes.grain_map is not None
    shares = codes.grain_map.flatten().bincount(minlength=3) / codes.grain_map.numel()
    assert shares.tolist() == pytest.approx([0.5, 0.3, 0.2], abs=0.01)
    assert tokenizer.decode(codes[:2]).shape == (2, 3, 16, 16)
    assert tokenizer.operating_points() == ()


def train(tokenizer: DQ, steps: int) -> torch.Tensor:
    """A short training; the shares of the grains over its last half, as it drew them."""
    batch, drawn = images(), []
    tokenizer.eval().before_training(batch)
    optimizer = torch.optim.Adam(tokenizer.train().parameters(), 5e-3)
    for step in range(steps):
        torch.manual_seed(step)
        output = tokenizer(batch[step % 5 :: 5])
        loss = (output.reconstructions - batch[step % 5 :: 5]).square().mean()
        optimizer.zero_grad()
        (loss + sum(output.losses.values())).backward()
        optimizer.step()
        tokenizer.after_step()
        drawn.append(grain_shares(output.codes, len(tokenizer.config.grain_sizes)))
    with torch.no_grad():
        tokenizer.eval().after_training(batch)
    return torch.stack(drawn[steps // 2 :]).mean(dim=0)


def grain_shares(codes: Codes, num_grains: int) -> torch.Tensor:
    assert codes.grain_map is not None
    return codes.grain_map.flatten().bincount(minlength=num_grains) / codes.grain_map.numel()


@pytest.mark.parametrize("router", ["feature", "entropy"])
@pytest.mark.parametrize(("make", "ratios"), [(dq, (0.2,)), (triple, (0.15, 0.15))])
def test_a_short_training_gives_every_grain_its_share(
    make: Callable[..., DQ], ratios: tuple[float, ...], router: str
) -> None:
    torch.manual_seed(0)
    tokenizer = make(router=router, target_ratios=ratios, budget_weight=2.0)
    drawn = train(tokenizer, steps=60)  # the learned router draws equal shares at first
    wanted = [1 - sum(ratios), *ratios]
    assert drawn.tolist() == pytest.approx(wanted, abs=0.05)
    encoded = grain_shares(tokenizer.encode(images()), len(wanted))
    assert encoded.tolist() == pytest.approx(wanted, abs=0.05)


def test_the_busiest_regions_are_the_fine_ones() -> None:
    tokenizer = dq(router="entropy")
    batch = torch.full((1, 3, 16, 16), 0.5)
    batch[:, :, 4:8, 8:12] = torch.rand(3, 4, 4)
    grain_map = tokenizer.encode(batch).grain_map
    assert grain_map is not None
    assert grain_map.flatten().nonzero().flatten().tolist() == [6]


def test_the_learned_router_gets_gradient_from_the_pictures_alone() -> None:
    tokenizer = dq()
    output = tokenizer(images(2))
    output.reconstructions.square().mean().backward()
    assert tokenizer.router is not None
    gradient = next(tokenizer.router.gate.parameters()).grad
    assert gradient is not None
    assert gradient.abs().max() > 0


def test_the_published_budget_weighs_two_grains_by_20_and_three_by_one_each() -> None:
    assert dq(budget_weight="published").config.budget_weights == (20.0,)
    assert triple(budget_weight="published").config.budget_weights == (1.0, 1.0)
    assert triple(budget_weight=5.0).config.budget_weights == (5.0, 5.0)
    assert triple(budget_weight=(1.0, 10.0)).config.budget_weights == (1.0, 10.0)
    conv = ConvConfig(channels=8, multipliers=(1, 1, 1, 1), num_res_blocks=1)
    four: dict[str, Any] = {"grain_sizes": (8, 4, 2, 1), "target_ratios": (0.2, 0.2, 0.2)}
    with pytest.raises(ValidationError, match="nothing was published for 4 grains"):
        DQConfig(conv=conv, resolution=16, budget_weight="published", **four)


def test_budget_loss_belongs_to_the_learned_router_and_counts_hard_grains() -> None:
    tokenizer = dq()
    output = tokenizer(images(2))
    assert output.codes.grain_map is not None
    ratio = output.codes.grain_map.float().mean().item()
    assert output.losses["budget"].item() == pytest.approx(20 * (ratio - 0.5) ** 2, abs=1e-5)
    assert set(dq(router="entropy")(images(2)).losses) == {"commitment"}


@pytest.mark.parametrize("statistics", ["codes", "cells"])
def test_a_coarse_code_counts_once_or_as_published_once_a_cell(statistics: str) -> None:
    tokenizer = dq(statistics=statistics, average={"decay": 0.0, "restart_below": 0.0})
    output = tokenizer(images(3))
    tokenizer.after_step()
    total = tokenizer.table.counts.sum().item()
    expected = output.codes.num_codes().sum().item() if statistics == "codes" else 3 * 64
    assert total == pytest.approx(expected)


def test_in_the_commitment_each_code_weighs_the_same() -> None:
    tokenizer = dq(router="entropy").eval()
    tokenizer.thresholds.fill_(-1.0)
    fine = tokenizer(images(2)).losses["commitment"]
    tokenizer.thresholds.fill_(9.0)
    output = tokenizer(images(2))
    coarse_latents = tokenizer.quant_conv(tokenizer._features(images(2))[0])
    picked = tokenizer.codebook()[0][output.codes.values[:, ::2, ::2, 0]].permute(0, 3, 1, 2)
    expected = 0.25 * (coarse_latents - picked).square().sum() / (2 * 64 * 8)
    assert output.losses["commitment"].item() == pytest.approx(expected.item(), rel=1e-4)
    assert fine > output.losses["commitment"]


def test_the_coarsest_grain_aims_at_what_the_others_leave() -> None:
    assert dq(target_ratios=(0.25,)).grain_shares() == (0.75, 0.25)
    assert triple().grain_shares() == (0.5, 0.3, 0.2)


def test_a_decoder_may_have_widths_of_its_own_but_not_another_grid() -> None:
    own = ConvConfig(channels=12, multipliers=(1,), num_res_blocks=2, embedding=8, patch=2)
    assert dq(decoder=own).decoder.conv_out.in_channels == 12
    for changes in ({"multipliers": (1, 1)}, {"embedding": 6}, {"latent_channels": 5}):
        with pytest.raises(ValidationError, match="let them be the same"):
            dq(decoder=own.model_copy(update=changes))


def test_the_published_second_term_adds_value_without_gradient() -> None:
    losses = dq(codebook_term=True)(images(2)).losses
    assert losses["codebook"].item() == pytest.approx(4 * losses["commitment"].item())
    assert not losses["codebook"].requires_grad


def test_a_padding_row_is_stored_and_counted_once() -> None:
    tokenizer = dq(padding_row=True)
    assert tokenizer.padding_rows() == 1
    assert tokenizer.table.padding is not None
    assert 0 < tokenizer.table.padding.abs().max() <= 1 / 8


def test_the_routers_norms_may_have_groups_of_their_own_or_none() -> None:
    for groups, wanted in ((None, 2), (4, 4)):
        router = dq(router_norm_groups=groups).router
        assert router is not None
        assert router.norms[0].num_groups == wanted
    bare = dq(router_norm_groups=0).router
    assert bare is not None
    assert not list(bare.norms.parameters())
