"""Mirrors rqbench/remarks.py."""

from rqbench.remarks import Remark, foot_lines

FEW = Remark(text="few pictures", systems=("a", "b"))
OF_A = Remark(text="10 parts", systems=("a",), metrics=("is", "kid"))


def test_what_is_said_of_all_rows_names_none_of_them():
    assert foot_lines([FEW], ["a", "b"]) == ["few pictures"]
    assert foot_lines([FEW], ["a"]) == ["few pictures"]


def test_what_is_said_of_some_rows_names_them_and_the_metrics_by_their_titles():
    assert foot_lines([OF_A], ["a", "b"], str.upper) == ["a: IS, KID: 10 parts"]


def test_what_is_said_of_each_row_apart_is_one_line():
    of_b = OF_A.model_copy(update={"systems": ("b",)})
    assert foot_lines([OF_A, of_b], ["a", "b"]) == ["is, kid: 10 parts"]
    assert foot_lines([OF_A, of_b], ["a", "b", "c"]) == ["a, b: is, kid: 10 parts"]
