"""Mirrors rqbench/speed/bench.py."""

import pytest

from rqbench.errors import ConfigError, UnknownPluginError
from rqbench.plugins import installed
from rqbench.speed.bench import build_bench, load_bench


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
