"""Mirrors rqbench/experiment_source.py."""

import pytest
import yaml

from rqbench.errors import ConfigError, RqbenchError, UnknownPluginError
from rqbench.experiment_source import experiment_presets, load_experiment, preset_text


@pytest.mark.parametrize("name", experiment_presets())
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
    with pytest.raises(RqbenchError, match=said):
        load_experiment(str(path))


def test_the_preset_of_a_model_is_no_experiment_and_says_how_to_use_it(offer, small_presets):
    offer(small_presets)
    assert "small-gpt" not in experiment_presets()
    said = r"'small-gpt' is a prior, .* write `priors: \{NAME: \{preset: small-gpt\}\}`"
    with pytest.raises(ConfigError, match=said):
        load_experiment("small-gpt")


def test_messages_name_experiments_alone(offer, small_presets, tmp_path):
    offer(small_presets)
    for wrong in ("small-gpd", str(tmp_path / "lost.yaml")):
        with pytest.raises(RqbenchError) as caught:
            load_experiment(wrong)
        assert "quick" in str(caught.value)
        assert "small-gpt" not in str(caught.value)


def test_a_models_preset_in_a_file_is_written_out_and_changed_by_set(
    offer, small_presets, tmp_path
):
    offer(small_presets)
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: mine\ntokenizers: {a: {preset: small-vq}, b: {preset: small-vq}}\n"
        "priors: {p: {preset: small-gpt, sampling: {temperature: 0.5}}}\n"
        "systems: [{tokenizer: a, prior: p}]\n"
    )
    mine = load_experiment(str(path), ["tokenizers.b.config.codebook_size=4"])
    assert mine.tokenizers["a"].model_dump() == {
        "type": "vq", "config": small_presets["small-vq"].config, "training": {}
    }  # fmt: skip
    sizes = [mine.tokenizers[name].config["codebook_size"] for name in "ab"]
    assert sizes == [8, 4]
    assert (mine.priors["p"].type, mine.priors["p"].config["layers"]) == ("raster", 2)
    assert (mine.priors["p"].sampling.top_k, mine.priors["p"].sampling.temperature) == (3, 0.5)


def test_the_text_of_a_preset_is_its_file():
    assert preset_text("tiny").startswith("# Every stage in seconds")
