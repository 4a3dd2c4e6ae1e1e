"""Mirrors rqbench/stage.py."""

from rqbench.stage import Estimate, Stage


def stage(name="s", inputs=(), **facts):
    return Stage(name, facts, tuple(inputs), lambda context: [], lambda: Estimate(0.0))


def test_the_key_follows_the_facts_and_not_their_order():
    assert stage(a=1, b=2).key == stage(b=2, a=1).key
    assert stage(a=1, b=2).key != stage(a=1, b=3).key


def test_the_key_follows_the_kind_and_not_whose_stage_it_is():
    assert stage("tokenizer/a").key == stage("tokenizer/b").key
    assert stage("reference").key == stage("reference seed +1").key
    assert stage("tokenizer/a").key != stage("codes/a").key


def test_the_key_follows_the_keys_of_all_inputs_however_far():
    def last(fact):
        return stage("c", [stage("b", [stage("a", fact=fact)])])

    assert last(1).key == last(1).key
    assert last(1).key != last(2).key


def test_a_folder_is_named_after_its_stage_without_separators():
    made = stage("scores/rq-4x4x4 [depth=2] + raster seed +1")
    assert made.folder_name == f"scores-rq-4x4x4-depth=2-+raster-seed-+1-{made.key[:12]}"
