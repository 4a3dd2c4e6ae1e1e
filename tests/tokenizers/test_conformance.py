"""Every installed tokenizer, ours and anybody's, keeps the contract of rqbench.api.Tokenizer."""

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from rqbench.api import Tokenizer
from rqbench.plugins import installed
from rqbench_tokenizers import published
from rqbench_tokenizers.conv_config import ConvConfig
from rqbench_tokenizers.dq import DQ
from rqbench_tokenizers.dq_config import DQConfig
from rqbench_tokenizers.rq import RQ, RQConfig
from rqbench_tokenizers.vq import VQ, VQConfig

RESOLUTION = 16
IMAGES = torch.rand(3, 3, RESOLUTION, RESOLUTION, generator=torch.Generator().manual_seed(5))
TINY: dict[str, Any] = {"conv": ConvConfig.tiny(), "codebook_size": 8}
AS_PUBLISHED: dict[str, Callable[[], Tokenizer]] = {
    "vq": lambda: VQ(VQConfig(**TINY, **published.VQGAN)),
    "vq by classifier": lambda: VQ(VQConfig(**TINY, codebook="gumbel")),
    "rq": lambda: RQ(RQConfig(**TINY, depth=2, **published.RQVAE)),
    "dq": lambda: DQ(DQConfig(**TINY, resolution=RESOLUTION, thresholds="none", **published.DQVAE)),
    "dq by entropy": lambda: DQ(
        DQConfig(**TINY, resolution=RESOLUTION, **published.DQVAE, **published.DQVAE_ENTROPY)
    ),
}
README = Path(__file__).parents[2] / "tokenizers" / "README.md"


def codes_agree_with_the_layout(tokenizer: Tokenizer) -> None:
    codes, layout = tokenizer.eval().encode(IMAGES), tokenizer.layout(RESOLUTION)
    assert codes.layout == layout
    assert len(codes) == 3
    assert (codes.num_codes() >= layout.min_codes).all()


def decoding_gives_images_of_the_same_size_in_range(tokenizer: Tokenizer) -> None:
    images = tokenizer.eval().decode(tokenizer.encode(IMAGES))
    assert images.shape == IMAGES.shape
    assert images.dtype == torch.float32
    assert images.min() >= 0
    assert images.max() <= 1


def an_image_has_the_same_codes_alone_and_in_a_batch(tokenizer: Tokenizer) -> None:
    tokenizer.eval()
    together = tokenizer.encode(IMAGES)
    for index in range(3):
        alone, among = tokenizer.encode(IMAGES[index : index + 1]), together[index : index + 1]
        assert torch.equal(alone.values, among.values)
        if among.grain_map is not None and alone.grain_map is not None:
            assert torch.equal(alone.grain_map, among.grain_map)


def encoding_is_not_random(tokenizer: Tokenizer) -> None:
    tokenizer.eval()
    torch.manual_seed(1)
    first = tokenizer.encode(IMAGES)
    torch.manual_seed(2)
    assert torch.equal(tokenizer.encode(IMAGES).values, first.values)


def every_operating_point_decodes(tokenizer: Tokenizer) -> None:
    tokenizer.before_training(IMAGES)
    tokenizer.eval()
    tokenizer.after_training(IMAGES)
    settings = []
    for point in tokenizer.operating_points():
        assert tokenizer.decode(point.encode(IMAGES)).shape == IMAGES.shape
        settings.append(dict(point.settings))
    assert all(settings.count(setting) == 1 for setting in settings)


def training_reaches_every_parameter_but_idle_codes(tokenizer: Tokenizer) -> None:
    if not list(tokenizer.parameters()):
        return
    output = tokenizer.train()(IMAGES)
    assert output.reconstructions.shape == IMAGES.shape
    loss = output.reconstructions.square().mean() + sum(output.losses.values())
    loss.backward()
    unreached = [name for name, value in tokenizer.named_parameters() if value.grad is None]
    assert not unreached
    assert all(value.ndim == 0 and value.isfinite() for value in output.losses.values())


def a_state_dict_is_all_of_it(tokenizer: Tokenizer) -> None:
    tokenizer.before_training(IMAGES)
    for _ in range(2):
        tokenizer.train()(IMAGES)
        tokenizer.after_step()
    tokenizer.after_training(IMAGES)
    other = type(tokenizer)(tokenizer.config)
    other.load_state_dict(tokenizer.state_dict())
    assert torch.equal(other.eval().encode(IMAGES).values, tokenizer.eval().encode(IMAGES).values)


def a_step_updates_only_what_training_collected(tokenizer: Tokenizer) -> None:
    tokenizer.eval()(IMAGES)
    before = copy.deepcopy(tokenizer.state_dict())
    tokenizer.after_step()
    assert all(torch.equal(before[name], now) for name, now in tokenizer.state_dict().items())


def a_training_step_repeats_from_its_seed(tokenizer: Tokenizer) -> None:
    twin = copy.deepcopy(tokenizer)
    for each in (tokenizer, twin):
        torch.manual_seed(7)
        each.train()(IMAGES)
        each.after_step()
    ours, theirs = tokenizer.state_dict(), twin.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def the_codebook_fits_the_layout(tokenizer: Tokenizer) -> None:
    codebook, layout = tokenizer.codebook(), tokenizer.layout(RESOLUTION)
    if codebook is not None:
        assert codebook.shape[:2] == (layout.depth, layout.codebook_size)
        assert not codebook.requires_grad


def the_last_layer_is_reached_by_the_reconstructions(tokenizer: Tokenizer) -> None:
    layer = tokenizer.last_layer()
    if layer is not None:
        reconstructions = tokenizer.train()(IMAGES).reconstructions
        (gradient,) = torch.autograd.grad(reconstructions.square().sum(), layer)
        assert gradient.norm() > 0
        assert any(layer is parameter for parameter in tokenizer.parameters())


def a_config_rebuilds_it(tokenizer: Tokenizer) -> None:
    values = tokenizer.config.model_dump(mode="json")
    again = type(tokenizer)(type(tokenizer).Config.model_validate(values))
    again.load_state_dict(tokenizer.state_dict())
    assert again.config == tokenizer.config


TOKENIZER_CHECKS: list[Callable[[Tokenizer], None]] = [
    codes_agree_with_the_layout,
    decoding_gives_images_of_the_same_size_in_range,
    an_image_has_the_same_codes_alone_and_in_a_batch,
    encoding_is_not_random,
    every_operating_point_decodes,
    training_reaches_every_parameter_but_idle_codes,
    a_state_dict_is_all_of_it,
    a_step_updates_only_what_training_collected,
    a_training_step_repeats_from_its_seed,
    the_codebook_fits_the_layout,
    the_last_layer_is_reached_by_the_reconstructions,
    a_config_rebuilds_it,
]


@pytest.mark.parametrize("name", installed("tokenizer"))
@pytest.mark.parametrize("check", TOKENIZER_CHECKS, ids=lambda check: check.__name__)
def test_every_tokenizer_keeps_the_contract(name: str, check: Callable[[Tokenizer], None]) -> None:
    check(installed("tokenizer")[name].load().tiny())


@pytest.mark.parametrize("name", AS_PUBLISHED)
@pytest.mark.parametrize("check", TOKENIZER_CHECKS, ids=lambda check: check.__name__)
def test_the_options_of_published_ones_keep_the_contract(
    name: str, check: Callable[[Tokenizer], None]
) -> None:
    check(AS_PUBLISHED[name]())


@pytest.mark.parametrize("check", TOKENIZER_CHECKS, ids=lambda check: check.__name__)
def test_the_example_of_the_readme_keeps_the_contract(check: Callable[[Tokenizer], None]) -> None:
    (source,) = re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL)
    names: dict[str, object] = {"__name__": "readme"}
    exec(source, names)
    cls = names["Levels"]
    assert isinstance(cls, type)
    assert issubclass(cls, Tokenizer)
    check(cls.tiny())
