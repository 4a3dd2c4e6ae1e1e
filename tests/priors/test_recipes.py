"""The recipes of the priors room, against the figures of the papers."""

from rqbench.recipes import read_recipe
from rqbench.training import PriorTraining


def training(name: str) -> PriorTraining:
    recipe = read_recipe(name)
    assert recipe.trains == "prior"
    return PriorTraining.model_validate(recipe.training)


def test_their_optimizers_differ_as_published():
    vqgan, rq, dq = map(training, ("vqgan-gpt", "rq-transformer", "dq-transformer"))
    assert {found.betas for found in (vqgan, rq, dq)} == {(0.9, 0.95)}
    assert (vqgan.weight_decay, rq.weight_decay, dq.weight_decay) == (0.01, 1e-4, 0.01)
    assert (vqgan.weight_decay_on, rq.weight_decay_on) == ("linear", "all")
    assert dq.weight_decay_on == "linear"
    assert (vqgan.clip_norm, rq.clip_norm, dq.clip_norm) == (None, 1.0, None)
    assert vqgan.learning_rate == 4.5e-6 * vqgan.batch_size
    assert (rq.learning_rate, dq.learning_rate) == (5e-4, 5e-4)


def test_they_train_for_a_hundred_epochs_from_the_peak_to_zero():
    rq, dq = map(training, ("rq-transformer", "dq-transformer"))
    assert rq.steps == 100 * (1_281_167 // 2048)
    assert dq.steps == 100 * 5_338
    for found in (rq, dq):
        assert found.learning_rate_at(0) == 5e-4
        assert found.learning_rate_at(found.steps - 1) < 1e-9


def test_the_rq_transformer_learns_soft_targets_from_codes_drawn_at_one_half():
    targets = training("rq-transformer").soft_targets
    assert targets is not None
    assert (targets.temperature, targets.stochastic) == (0.5, True)
