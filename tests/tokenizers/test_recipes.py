"""The recipes of the tokenizers room, against the figures of the papers."""

import pytest

from rqbench.recipes import read_recipe
from rqbench.training import TokenizerTraining

IMAGENET, IMAGENET_OF_DQ, FFHQ = 1_281_167, 1_281_166, 60_000


def training(name: str) -> TokenizerTraining:
    recipe = read_recipe(name)
    assert recipe.trains == "tokenizer"
    return TokenizerTraining.model_validate(recipe.training)


@pytest.mark.parametrize(("name", "batch"), [("vqgan-imagenet", 12), ("vqgan-faceshq", 3)])
def test_vqgan_has_a_constant_rate_that_grows_with_the_batch(name, batch):
    found = training(name)
    assert found.batch_size == batch
    for step in (0, 1000, found.steps - 1):
        assert found.learning_rate_at(step) == pytest.approx(4.5e-6 * batch)


@pytest.mark.parametrize(
    ("name", "images", "epochs", "warm"),
    [("rqvae-imagenet", IMAGENET, 10, 0.5), ("rqvae-ffhq", FFHQ, 150, 5)],
)
def test_rq_vae_trains_for_its_epochs_with_a_constant_rate(name, images, epochs, warm):
    found = training(name)
    per_epoch = images // 128
    assert found.steps == epochs * per_epoch
    assert found.warmup_steps == int(warm * per_epoch)
    assert found.learning_rate_at(found.warmup_steps) == found.learning_rate == 4e-5
    assert found.learning_rate_at(found.steps - 1) == 4e-5


def test_dq_vae_trains_for_its_epochs_with_a_rate_that_ends_at_zero():
    found = training("dqvae-imagenet")
    per_epoch = -(-IMAGENET_OF_DQ // 30) // 8
    assert per_epoch == 5_338
    assert found.steps == 50 * per_epoch
    assert found.warmup_steps == round(0.1 * per_epoch)
    assert found.learning_rate == pytest.approx(4.5e-6 * 8 * 30)
    assert found.learning_rate_at(found.steps - 1) < 1e-9


def test_the_discriminators_differ_as_published():
    vqgan, rq, dq = (
        training(name).adversarial
        for name in ("vqgan-imagenet", "rqvae-imagenet", "dqvae-imagenet")
    )
    assert vqgan is not None
    assert rq is not None
    assert dq is not None
    assert (vqgan.layers, rq.layers, dq.layers) == (3, 2, 3)
    assert (vqgan.weight, rq.weight, dq.weight) == (0.8, 0.75, 1.0)
    assert (vqgan.adaptive_cap, rq.adaptive_cap, dq.adaptive_cap) == (1e4, 1e4, 0.75)
    assert (vqgan.discriminator_weight, rq.discriminator_weight) == (1.0, 0.75)
    assert (vqgan.start_step, rq.start_step, dq.start_step) == (250_001, 0, 0)
    assert (vqgan.reconstructions, rq.reconstructions) == ("recomputed", "reused")
