"""Mirrors rqbench/record.py."""

import json
import math

import pytest

from rqbench.errors import DamagedFileError
from rqbench.record import Record, plain, read_records, settings_text, write_records


def record(**changes):
    facts = {
        "experiment": "e", "system": "s", "tokenizer": "t", "data": "d", "split": "held-out",
        "metric": "psnr_db", "value": 1.5, "n": 2, "protocol": "p", "protocol_hash": "h", "seed": 0,
        "environment": "abc",
    }  # fmt: skip
    return Record(**(facts | changes))


def test_records_come_back_as_they_were_infinities_included(tmp_path):
    records = [
        record(value=math.inf, raw=[1.0, math.inf, -math.inf], ci95=(0.5, math.inf)),
        record(settings={"depth": 2, "at": [1, 2]}, clusters=["Zoë", "b\u2028c"], prior="r"),
        record(setup={"model": "1f", "training": "2e"}),
    ]
    write_records(tmp_path / "r.jsonl", records)
    assert read_records(tmp_path / "r.jsonl") == records


def test_a_value_that_is_no_number_comes_back_as_such(tmp_path):
    write_records(tmp_path / "r.jsonl", [record(value=math.nan)])
    assert math.isnan(read_records(tmp_path / "r.jsonl")[0].value)


def test_each_line_is_json_that_any_reader_takes(tmp_path):
    write_records(tmp_path / "r.jsonl", [record(value=math.inf)])

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    (line,) = (tmp_path / "r.jsonl").read_text().splitlines()
    assert json.loads(line, parse_constant=refuse)["value"] == "inf"


@pytest.mark.parametrize("damage", [b'{"metric": "psnr', b'{"metric": "psnr_db"}', b"\xff", b"[]"])
def test_a_damaged_line_is_named_by_its_number(tmp_path, damage):
    path = tmp_path / "r.jsonl"
    write_records(path, [record()])
    path.write_bytes(path.read_bytes() + damage + b"\n")
    with pytest.raises(DamagedFileError, match=r"r\.jsonl, line 2 is no record"):
        read_records(path)


def test_a_record_of_the_first_schema_is_still_read(tmp_path):
    old = {key: value for key, value in record(schema_version=1).model_dump().items() if value}
    (tmp_path / "r.jsonl").write_text(json.dumps(old | {"seed": 3}))
    (found,) = read_records(tmp_path / "r.jsonl")
    assert (found.schema_version, found.seeds, found.seed_sd) == (1, (3,), None)
    assert found.setup is None


def test_plain_values_go_all_the_way_down():
    assert plain({"a": (1.0, math.inf), "b": [{"c": -math.inf}]}) == {
        "a": [1.0, "inf"],
        "b": [{"c": "-inf"}],
    }


def test_settings_read_the_same_in_any_order_and_number_type():
    assert settings_text({"b": 2.0, "a": "x"}) == settings_text({"a": "x", "b": 2}) == "a=x, b=2"


def test_what_is_shown_of_an_interval_is_what_the_value_can_be(record):
    shown = record(metric="precision", value=0.9, ci95=(0.5, 1.5))
    assert (shown.possible_ci95, shown.ci95) == ((0.5, 1.0), (0.5, 1.5))
    assert record(metric="precision", value=0.9).possible_ci95 is None
