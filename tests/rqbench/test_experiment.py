"""Mirrors rqbench/experiment.py."""

import pytest

from rqbench.errors import RqbenchError
from rqbench.experiment import Experiment
from rqbench.experiment_source import load_experiment


def fault(*overrides):
    with pytest.raises(RqbenchError) as caught:
        load_experiment("tiny", overrides)
    return str(caught.value)


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("seed", "has no '='. Write --set key.path=value."),
        ("=3", "has no '='"),
        ("name.deep=1", "'name' holds a plain value, which has no 'deep'"),
        ("name.deep.er=1", "nothing below 'deep' to set"),
        ("systems.99.prior=raster", "'99' is no place in a list of 6"),
        ("systems.first.prior=raster", "'first' is no place in a list"),
        ("systems.99=1", "'99' is no place in a list of 6"),
        ("seed=[1", "'[1' is not a YAML value"),
        ("sede=1", "experiment.sede: no such key. Did you mean 'seed'?"),
        ("data.resoluton=1", "experiment.data.resoluton: no such key. Did you mean 'resolution'?"),
        ("tokenizers.new.config={}", "experiment.tokenizers.new.type: this key is needed"),
        ("seed=-1", "experiment.seed: "),
        ("name=a/b", "experiment.name: "),
        ("tokenizers.a/b.type=vq", "tokenizers.a/b: a name may not hold '/' or ' + '"),
        ("training.tokenizer.steps=none", "experiment.training.tokenizer.steps: "),
        (
            "tokenizers.vq-4x4.training.step=3",
            "tokenizers.vq-4x4.training.step: no such key. Did you mean 'steps'?",
        ),
        (
            "tokenizers.new.prest=a",
            "experiment.tokenizers.new.prest: no such key. Did you mean 'preset'?",
        ),
        ("tokenizers.new.preset=a", "The preset 'a' is none that is known"),
        ("tokenizers.vq-4x4.preset=a", "says `preset: a` and `type: vq`"),
        ("priors.raster.training.steps=0", "priors.raster.training.steps: "),
        ("tokenizers.vq-4x4.type=vqq", "No tokenizer is called 'vqq'. Did you mean 'vq'?"),
        ("priors.raster.type=rastr", "No prior is called 'rastr'. Did you mean 'raster'?"),
        (
            "systems.0.tokenizer=vq-4x5",
            "systems.0.tokenizer: 'vq-4x5' is not defined in this experiment. Did you mean "
            "'vq-4x4'? Defined: vq-4x4",
        ),
        ("systems.0.prior=gpt", "systems.0.prior: 'gpt' is not defined"),
        ("systems.1.tokenizer=vq-4x4", "systems.1: 'vq-4x4 + raster' stands in the list before"),
        ("headlines.0.system=rq", "headlines.0: 'rq' is not defined"),
        ("headlines.1.against=[vq-4x4, vq]", "headlines.1: 'vq' is not defined"),
        ("headlines.0.at=rate_nominal_bpp", "headlines.0: `at` goes with two names"),
        ("headlines.1.at=", "headlines.1: `at` goes with two names"),
        ("headlines.0.metric=psnr", "No metric is called 'psnr'. Did you mean 'psnr_db'?"),
    ],
)
def test_a_wrong_request_is_answered_with_its_place(override, said):
    assert said in fault(override)


def test_own_training_settings_change_what_they_name_alone():
    experiment = load_experiment("tiny", ["tokenizers.vq-4x4.training.steps=99"])
    common, own = experiment.training.tokenizer, experiment.tokenizer_training("vq-4x4")
    assert own == common.model_copy(update={"steps": 99})
    assert experiment.tokenizer_training("vq-8x8") == common
    assert experiment.prior_training("raster") == experiment.training.prior


def test_an_experiment_may_hold_tokenizers_alone():
    experiment = Experiment.model_validate({"name": "a", "tokenizers": {"t": {"type": "vq"}}})
    assert experiment.systems == ()
    assert experiment.measure.samples == 256
