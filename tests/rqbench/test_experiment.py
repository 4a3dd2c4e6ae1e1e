"""Mirrors rqbench/experiment.py."""

import pytest
import yaml

from rqbench.errors import ConfigError, RqbenchError, UnknownPluginError
from rqbench.experiment import Experiment, load_experiment
from rqbench.plugins import installed


def fault(*overrides, source="tiny"):
    with pytest.raises(RqbenchError) as caught:
        load_experiment(source, overrides)
    return str(caught.value)


@pytest.mark.parametrize("name", installed("preset"))
def test_every_preset_loads_and_says_what_it_should_give(name):
    experiment = load_experiment(name)
    assert experiment.expect
    assert experiment.tokenizers
    assert experiment.headlines


def test_an_experiment_written_down_comes_back(tmp_path):
    experiment = load_experiment("tiny")
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(experiment.model_dump(mode="json")))
    assert load_experiment(str(path)) == experiment


def test_keys_are_set_at_any_depth():
    experiment = load_experiment(
        "tiny",
        [
            "seed=3",
            "tokenizers.rq-4x4x4.config.depth=2",
            "systems.1.prior=raster",
            "data={source: photos, resolution: 32}",
            "measure.pictures=1",
            "tokenizers.mine.type=vq",
        ],
    )
    assert experiment.seed == 3
    assert experiment.tokenizers["rq-4x4x4"].config["depth"] == 2
    assert experiment.tokenizers["rq-4x4x4"].config["codebook_size"] == 16
    assert experiment.systems[1].prior == "raster"
    assert (experiment.data.resolution, experiment.data.held_out) == (32, 256)
    assert experiment.tokenizers["mine"].type == "vq"


def test_a_value_that_a_list_holds_may_be_replaced():
    assert load_experiment("tiny", ["data.scales.1=3"]).data.scales == (1.0, 3.0)


def test_a_key_set_in_one_place_of_several_that_share_an_alias_changes_that_one_alone():
    changed = load_experiment("tiny", ["tokenizers.vq-4x4.config.conv.channels=24"]).tokenizers
    assert changed["vq-4x4"].config["conv"]["channels"] == 24
    assert changed["rq-4x4x4"].config["conv"]["channels"] == 16


def test_a_number_that_yaml_reads_as_text_is_a_number():
    assert load_experiment("tiny", ["training.prior.learning_rate=1e-3"]).training.prior == (
        load_experiment("tiny", ["training.prior.learning_rate=0.001"]).training.prior
    )


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


def test_neither_a_preset_nor_a_file_is_told_apart(tmp_path):
    with pytest.raises(UnknownPluginError, match=r"No preset is called 'tinny'\. Did you mean"):
        load_experiment("tinny")
    with pytest.raises(ConfigError, match=r"no experiment file .*lost\.yaml. Presets: .*tiny"):
        load_experiment(str(tmp_path / "lost.yaml"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"a: [", "is not YAML"),
        (b"seed: 1\nname: a\nseed: 2", "the key 'seed' stands twice"),
        (b"\xff", "cannot be read as text"),
        (b"- a", "must hold a mapping"),
        (b"", "must hold a mapping"),
    ],
)
def test_a_file_that_is_no_experiment_is_refused(tmp_path, text, said):
    path = tmp_path / "odd.yaml"
    path.write_bytes(text)
    assert said in fault(source=str(path))


def test_an_experiment_may_hold_tokenizers_alone():
    experiment = Experiment.model_validate({"name": "a", "tokenizers": {"t": {"type": "vq"}}})
    assert experiment.systems == ()
    assert experiment.measure.samples == 256
