"""Mirrors rqbench/pipeline.py."""

import pytest

from rqbench.compare import open_settings
from rqbench.errors import ConfigError
from rqbench.experiment import SystemSpec
from rqbench.pipeline import plan
from rqbench.stages.setting import Setting


@pytest.fixture(scope="module")
def setting(two_systems):
    return open_settings(two_systems, "cpu")[0]


def with_systems(setting, experiment, *systems):
    pairs = tuple(SystemSpec(tokenizer=t, prior=p) for t, p in systems)
    changed = experiment.model_copy(update={"systems": pairs})
    return Setting(changed, setting.data, setting.device)


def test_tokenizers_come_first_then_systems_and_every_stage_after_its_inputs(setting):
    pipeline = plan([setting])
    assert [stage.name for stage in pipeline.stages] == [
        "reference",
        "tokenizer/vq-4x4", "codes/vq-4x4", "scores/vq-4x4",
        "tokenizer/rq-4x4x4", "codes/rq-4x4x4", "scores/rq-4x4x4",
        "training-features",
        "prior/vq-4x4 + raster", "samples/vq-4x4 + raster", "coded/vq-4x4 + raster",
        "scores/vq-4x4 + raster",
        "prior/rq-4x4x4 + depth-stacked", "samples/rq-4x4x4 + depth-stacked",
        "coded/rq-4x4x4 + depth-stacked", "scores/rq-4x4x4 + depth-stacked",
    ]  # fmt: skip
    for place, stage in enumerate(pipeline.stages):
        assert set(stage.inputs) <= set(pipeline.stages[:place])
    assert list(pipeline.scored) == [
        "vq-4x4", "rq-4x4x4", "vq-4x4 + raster", "rq-4x4x4 + depth-stacked",
    ]  # fmt: skip


def test_a_plan_made_again_names_the_same_folders(setting):
    names = [stage.folder_name for stage in plan([setting]).stages]
    assert names == [stage.folder_name for stage in plan([setting]).stages]
    assert len(set(names)) == len(names)


def test_an_impossible_pair_is_refused_with_the_pairs_that_are_possible(setting, build_experiment):
    experiment = build_experiment(("vq-4x4", "raster"), ("dq-4x4-8x8", "coarse-to-fine"))
    with pytest.raises(ConfigError) as caught:
        plan([with_systems(setting, experiment, ("vq-4x4", "coarse-to-fine"))])
    said = str(caught.value)
    assert said.startswith("The system 'vq-4x4 + coarse-to-fine' is impossible: 'coarse-to-fine'")
    assert "the codes of 'vq-4x4' are 4x4x1, k=16." in said
    assert "Priors that can model them: depth-stacked, raster." in said
    assert "Tokenizers of this experiment that 'coarse-to-fine' can model: dq-4x4-8x8." in said


def test_nothing_to_compare_is_refused(setting, two_systems):
    nothing = two_systems.model_copy(update={"tokenizers": {}, "systems": ()})
    with pytest.raises(ConfigError, match="there is nothing to compare"):
        plan([Setting(nothing, setting.data, "cpu")])


def test_tokenizers_alone_can_be_compared_without_speed(setting, two_systems):
    pipeline = plan([with_systems(setting, two_systems)])
    assert list(pipeline.scored) == ["vq-4x4", "rq-4x4x4"]
    assert pipeline.speed() == []


def test_speed_leaves_out_systems_that_failed(setting):
    pipeline = plan([setting])
    (whole,), (some,) = pipeline.speed(), pipeline.speed({"prior/vq-4x4 + raster"})
    names = {stage.name for stage in some.inputs}
    assert "tokenizer/vq-4x4" in {stage.name for stage in whole.inputs}
    assert names == {
        "tokenizer/rq-4x4x4", "prior/rq-4x4x4 + depth-stacked", "samples/rq-4x4x4 + depth-stacked",
    }  # fmt: skip
    assert pipeline.speed({"tokenizer/vq-4x4", "samples/rq-4x4x4 + depth-stacked"}) == []


def test_further_seeds_repeat_all_but_the_reference_and_the_timing(setting, two_systems):
    once = plan([setting])
    pipeline = plan(open_settings(two_systems.model_copy(update={"seeds": 3}), "cpu"))
    count = len(once.stages)
    assert len(pipeline.stages) == 1 + 3 * (count - 1)
    assert [stage.key for stage in pipeline.stages[:count]] == [each.key for each in once.stages]
    assert len({stage.key for stage in pipeline.stages}) == len(pipeline.stages)
    assert pipeline.scored.keys() == once.scored.keys()
    assert [stage.name for stage in pipeline.repeated] == [
        f"{stage.name} seed +{repeat}" for repeat in (1, 2) for stage in once.scored.values()
    ]
    assert [stage.name for stage in pipeline.coded] == [
        f"{stage.name}{seed}" for seed in ("", " seed +1", " seed +2") for stage in once.coded
    ]
    assert [stage.key for stage in pipeline.speed()] == [stage.key for stage in once.speed()]


def test_the_second_seed_of_one_run_is_the_first_of_another(two_systems):
    both = plan(open_settings(two_systems.model_copy(update={"seeds": 2}), "cpu"))
    second = plan(open_settings(two_systems.model_copy(update={"seed": 1}), "cpu"))
    repeated = {stage.key for stage in both.repeated}
    assert repeated == {stage.key for stage in second.scored.values()}


def test_equal_tokenizers_under_two_names_are_trained_once_and_scored_twice(setting, two_systems):
    spec = two_systems.tokenizers["vq-4x4"]
    twins = two_systems.model_copy(update={"tokenizers": {"a": spec, "b": spec}, "systems": ()})
    pipeline = plan([Setting(twins, setting.data, "cpu")])
    assert [stage.name for stage in pipeline.stages] == [
        "reference", "tokenizer/a", "codes/a", "scores/a", "scores/b",
    ]  # fmt: skip


def test_a_sweep_shares_what_no_value_touches(two_systems):
    swept = two_systems.model_copy(update={"sweep": {"tokenizer.depth": [2, 4]}})
    names = [stage.name for stage in plan(open_settings(swept, "cpu")).stages]
    assert [name for name in names if name.startswith(("tokenizer/", "prior/"))] == [
        "tokenizer/vq-4x4", "tokenizer/rq-4x4x4 [depth=2]", "tokenizer/rq-4x4x4 [depth=4]",
        "prior/vq-4x4 + raster", "prior/rq-4x4x4 [depth=2] + depth-stacked",
        "prior/rq-4x4x4 [depth=4] + depth-stacked",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("override", "changed"),
    [
        ("priors.raster.config.width=16", {"prior", "samples", "coded", "scores"}),
        ("priors.raster.sampling.top_k=3", {"samples", "scores"}),
        ("measure.samples=6", {"samples", "scores"}),
        ("measure.coded=5", {"coded"}),
    ],
)
def test_a_change_of_the_prior_side_touches_no_tokenizer(
    setting, build_experiment, two_systems, override, changed
):
    systems = [(system.tokenizer, system.prior) for system in two_systems.systems]
    other = Setting(build_experiment(*systems, overrides=(override,)), setting.data, "cpu")
    before, after = (
        {stage.folder_name for stage in plan([each]).stages} for each in (setting, other)
    )
    new = after - before
    assert {name.split("-")[0] for name in new} == changed
    assert all("raster" in name or "measure" in override for name in new)
    assert not any(name.startswith(("tokenizer", "codes")) for name in new)


def test_nothing_is_coded_where_no_image_is_to_be(setting, build_experiment):
    none = build_experiment(("vq-4x4", "raster"), overrides=("measure.coded=0",))
    stages = plan([Setting(none, setting.data, "cpu")]).stages
    assert not any(stage.name.startswith("coded/") for stage in stages)


def test_stages_of_every_part_of_a_sweep_and_seed_have_names_of_their_own(two_systems):
    swept = two_systems.model_copy(update={"sweep": {"data.flip": [True, False]}, "seeds": 2})
    names = [stage.name for stage in plan(open_settings(swept, "cpu")).stages]
    assert len(set(names)) == len(names)
