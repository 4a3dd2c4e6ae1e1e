"""Mirrors rqbench/sweep.py and swept_keys.py."""

import pytest

from rqbench.errors import ConfigError
from rqbench.experiment_source import load_experiment
from rqbench.plugins import installed
from rqbench.recipes import read_recipe
from rqbench.sweep import expand


def swept(**sweep):
    return expand(load_experiment("tiny").model_copy(update={"sweep": sweep}))


def tokenizers(part):
    return list(part.tokenizers)


def test_without_a_sweep_the_experiment_is_its_own_only_part():
    experiment = load_experiment("tiny")
    assert expand(experiment).experiments == (experiment,)
    assert expand(experiment).points == ()


def test_what_no_value_touches_stands_once_and_the_rest_once_for_each_value():
    sweep = swept(**{"tokenizer.depth": [1, 2]})
    (part,) = sweep.experiments
    assert tokenizers(part) == [
        "vq-4x4", "vq-8x8", "rq-4x4x4 [depth=1]", "dq-4x4-8x8", "rq-4x4x4 [depth=2]",
    ]  # fmt: skip
    assert [part.tokenizers[f"rq-4x4x4 [depth={d}]"].config["depth"] for d in (1, 2)] == [1, 2]
    assert len(part.systems) == 6 + 2
    assert "rq-4x4x4 [depth=2] + raster" in {system.name for system in part.systems}
    assert sweep.points[1].name("rq-4x4x4 + raster") == "rq-4x4x4 [depth=2] + raster"
    assert sweep.points[1].name("vq-4x4") == "vq-4x4"


def test_headlines_follow_the_new_names_and_untouched_ones_stand_once():
    (part,) = swept(**{"tokenizers.rq-4x4x4.config.depth": [1, 2]}).experiments
    asked = [headline.system for headline in part.headlines]
    before = [headline.system for headline in load_experiment("tiny").headlines]
    assert asked.count("dq-4x4-8x8") == before.count("dq-4x4-8x8") > 0
    assert {"rq-4x4x4 [depth=1]", "rq-4x4x4 [depth=2]"} <= set(asked)


def test_a_swept_training_stays_with_each_tokenizer():
    (part,) = swept(**{"training.tokenizer.steps": [3, 5]}).experiments
    steps = {name: part.tokenizer_training(name).steps for name in part.tokenizers}
    assert len(steps) == 8
    assert steps["vq-4x4 [steps=3]"] == 3
    assert steps["vq-4x4 [steps=5]"] == 5
    assert list(part.priors) == ["raster", "depth-stacked", "coarse-to-fine"]


def test_a_swept_recipe_of_one_part_goes_over_the_common_settings():
    names = [name for name in installed("recipe") if read_recipe(name).trains == "tokenizer"][:2]
    (part,) = swept(**{"tokenizers.vq-4x4.training.recipe": names}).experiments
    for name in names:
        trained = part.tokenizer_training(f"vq-4x4 [recipe={name}]")
        assert trained.steps == read_recipe(name).training["steps"]
        assert trained.log_every == 2  # of the experiment, in no recipe


def test_a_key_whose_values_all_give_the_same_is_refused():
    said = r"sweep: 'training\.tokenizer\.steps' makes no difference: 12, '12' give the same"
    with pytest.raises(ConfigError, match=said):
        swept(**{"tokenizer.depth": [1, 2], "training.tokenizer.steps": [12, "12"]})
    own = {f"tokenizers.{name}.training.steps": [9] for name in load_experiment("tiny").tokenizers}
    with pytest.raises(ConfigError, match="makes no difference: 2, 3 give the same systems"):
        swept(**own, **{"training.tokenizer.steps": [2, 3]})  # each part has its own


def test_swept_data_makes_an_experiment_for_each_value():
    parts = swept(**{"data.flip": [True, False]}).experiments
    assert [part.data.flip for part in parts] == [True, False]
    assert tokenizers(parts[1])[0] == "vq-4x4 [flip=False]"


def test_several_keys_make_a_grid_and_a_name_tells_only_what_makes_a_difference():
    sweep = swept(**{"tokenizer.depth": [1, 2], "prior.heads": [1, 2]})
    (part,) = sweep.experiments
    assert len(sweep.points) == 4
    assert list(part.priors) == [
        f"{name} [heads={heads}]"
        for heads in (1, 2)
        for name in ("raster", "depth-stacked", "coarse-to-fine")
    ]
    assert [name for name in part.tokenizers if "rq" in name] == [
        "rq-4x4x4 [depth=1]", "rq-4x4x4 [depth=2]",
    ]  # fmt: skip
    names = {system.name for system in part.systems}
    assert "rq-4x4x4 [depth=1] + raster [heads=2]" in names


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("seed", "'seed' cannot be swept"),
        ("scale.codebook_size", "Sweep what was built (tokenizers.NAME.config.KEY, tokenizer.KEY)"),
        ("scale", "run one experiment for each scale"),
        ("training.prior.recipe", "would go over each recipe"),
        ("question", "'question' cannot be swept: questions have built their systems"),
        ("tokenizer.dpth", "has a key 'dpth' in its config. Did you mean 'depth'"),
        ("prior.depth", "no prior of this experiment has a key 'depth' in its config"),
        ("training.tokenizer.stepps", "stepps: no such key"),
    ],
)
def test_what_cannot_be_swept_is_refused_with_the_reason(key, said):
    with pytest.raises(ConfigError) as caught:
        swept(**{key: [1, 2]})
    assert said in str(caught.value)
