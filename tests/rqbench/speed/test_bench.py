"""Mirrors rqbench/speed/bench.py."""

import pytest

from rqbench.errors import ConfigError, UnknownPluginError
from rqbench.plugins import installed
from rqbench.speed.bench import build_bench, load_bench, override, take_setting


@pytest.mark.parametrize("name", installed("speed preset"))
def test_every_installed_bench_can_be_read(name):
    bench = build_bench(load_bench(name), name)
    assert bench.expect


def test_a_batch_that_falls_too_few_rounds_and_half_a_system_are_refused():
    system = {"model": "x"}
    for values, said in (
        ({"systems": [system], "batch": [4, 1]}, "rise"),
        ({"systems": [system], "repeats": 4}, "greater than or equal to 5"),
        ({"systems": [{"name": "x", "tokenizer": {"type": "vq"}}]}, "name a `model`"),
        ({"systems": [{**system, "name": "x"}]}, "name a `model`"),
        ({"systems": []}, "at least 1"),
        ({"systems": [system], "dtype": "int8"}, "'float32', 'bfloat16' or 'float16'"),
    ):
        with pytest.raises(ConfigError, match=said):
            build_bench(values, "bench")


def test_the_reference_decodes_one_by_one_unless_told_otherwise():
    systems = [{"model": "x"}]
    assert build_bench({"systems": systems}, "b").decoded_together == 16
    assert build_bench({"systems": systems, "mode": "reference"}, "b").decoded_together == 1
    values = {"systems": systems, "mode": "reference", "decode_batch": 4}
    assert build_bench(values, "b").decoded_together == 4


def test_a_bench_may_be_a_file(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("systems: [{model: x}]\nbatch: [3]\n")
    assert build_bench(load_bench(str(path)), "mine").batch == (3,)
    path.write_text("- no mapping")
    with pytest.raises(ConfigError, match="must hold a mapping"):
        load_bench(str(path))
    with pytest.raises(UnknownPluginError, match="Did you mean 'tiny-speed'"):
        load_bench("tiny-sped")


TWO = {
    "systems": [{"model": "x"}],
    "batch": [2],
    "settings": {"exact": {"mode": "reference"}, "fast": {"dtype": "bfloat16", "batch": [1, 4]}},
}


def test_a_setting_takes_what_it_does_not_say_from_the_bench():
    exact, fast = build_bench(TWO, "b").passes
    assert (exact.name, exact.batch, exact.dtype, exact.mode) == (
        "exact", (2,), "float32", "reference",
    )  # fmt: skip
    assert (fast.name, fast.batch, fast.dtype, fast.mode) == ("fast", (1, 4), "bfloat16", "auto")


def test_a_bench_without_settings_is_one_without_a_name():
    (only,) = build_bench({"systems": [{"model": "x"}], "batch": [3]}, "b").passes
    assert (only.name, only.batch) == ("", (3,))


def test_what_is_asked_for_holds_in_every_setting():
    exact, fast = build_bench(override(TWO, {"batch": [7], "repeats": 9}), "b").passes
    assert [(setting.batch, setting.repeats) for setting in (exact, fast)] == [((7,), 9)] * 2
    assert (exact.mode, fast.dtype) == ("reference", "bfloat16")


def test_a_setting_that_is_timed_otherwise_than_its_name_says_has_another_name():
    for asked, names in (
        ({"mode": "eager"}, ["exact (mode eager)", "fast (mode eager)"]),
        ({"mode": "reference"}, ["exact", "fast (mode reference)"]),
        ({"dtype": "float32", "batch": [2]}, ["exact", "fast (batch 2, dtype float32)"]),
        ({"batch": [1, 4], "tf32": True}, ["exact (batch 1,4, tf32 on)", "fast (tf32 on)"]),
        ({"minutes": 1.0, "largest": True}, ["exact", "fast"]),
    ):
        passes = build_bench(override(TWO, asked), "b").passes
        assert [setting.name for setting in passes] == names


def test_a_fault_of_a_setting_is_named_with_it():
    for own, said in (
        ({"dtyp": "float32"}, r"b.settings.exact.dtyp: no such key. Did you mean 'dtype'"),
        ({"batch": [4, 1]}, "b.settings.exact.batch: .*rise"),
        (None, "b.settings.exact: .*dictionary"),
    ):
        with pytest.raises(ConfigError, match=said):
            build_bench(override({**TWO, "settings": {"exact": own}}, {"minutes": 9.0}), "b")


def test_weights_are_never_cast_to_a_dtype_that_would_show_an_earlier_rounding():
    for dtypes in (["bfloat16", "float32"], ["float32", "bfloat16", "float16"]):
        settings = {dtype: {"dtype": dtype} for dtype in dtypes}
        with pytest.raises(ConfigError, match=" to ".join(dtypes)):
            build_bench({**TWO, "settings": settings}, "b")


def test_one_of_several_settings_can_be_taken_and_no_other():
    (only,) = build_bench(take_setting(TWO, "fast"), "b").passes
    assert (only.name, only.batch) == ("fast", (1, 4))
    with pytest.raises(ConfigError, match=r"'fats'. Did you mean 'fast'.* It has: exact, fast"):
        take_setting(TWO, "fats")
    with pytest.raises(ConfigError, match="It has: one without a name"):
        take_setting({"systems": [{"model": "x"}]}, "fast")


def test_systems_are_chosen_by_name_and_the_baseline_stands_first():
    names = ["a + p", "b + p", "c + q"]
    for asked, chosen in (
        ({}, names),
        ({"only": ["c + q", "a + p"]}, ["a + p", "c + q"]),
        ({"baseline": "b + p"}, ["b + p", "a + p", "c + q"]),
        ({"only": ["a + p", "c + q"], "baseline": "c + q"}, ["c + q", "a + p"]),
    ):
        assert build_bench(override(TWO, asked), "b").chosen(names) == chosen


def test_a_system_that_is_not_there_is_answered_with_the_nearest():
    names = ["vq-4x4 + raster", "rq-4x4 + raster"]
    for asked, said in (
        ({"only": ["vq-4x + raster"]}, r"'vq-4x \+ raster' is to be timed. Did you mean 'vq-4x4"),
        ({"baseline": "raster"}, r"With 'raster' in it: vq-4x4 \+ raster, rq-4x4 \+ raster"),
        ({"only": names[:1], "baseline": names[1]}, r"Systems: vq-4x4 \+ raster\."),
    ):
        with pytest.raises(ConfigError, match=said):
            build_bench(override(TWO, asked), "b").chosen(names)


def test_published_numbers_are_those_of_the_chosen_systems_and_the_baselines_come_first():
    numbers = [
        {"system": name, "batch": 1, "seconds_per_image": 1.0, "citation": "c"}
        for name in ("a + p", "b + p", "c + q")
    ]
    asked = {"published": numbers, "only": ["a + p", "c + q"], "baseline": "c + q"}
    bench = build_bench({**TWO, **asked}, "b")
    assert [one.system for one in bench.published_beside] == ["c + q", "a + p"]
    everything = build_bench({**TWO, "published": numbers}, "b")
    assert [one.system for one in everything.published_beside] == ["a + p", "b + p", "c + q"]
