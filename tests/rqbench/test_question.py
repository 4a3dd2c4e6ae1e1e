"""Mirrors rqbench/question.py."""

import pytest

from rqbench import question
from rqbench.config import Config
from rqbench.errors import ConfigError, UnknownPluginError
from rqbench.experiment_source import load_experiment
from rqbench.question import Fragment, Question, with_questions


class Scale(Config):
    width: int = 8


class Wider(Scale):
    height: int = 1


class Small(Question):
    """Two tokenizers that share one mapping."""

    Config = Scale
    asks = "Is a better than b?"

    def build(self, scale, resolution):
        shared = {"width": scale.width, "side": resolution}
        tokenizers = {name: {"type": "t", "config": {"conv": shared}} for name in ("a", "b")}
        headline = {"title": "?", "metric": "psnr_db", "system": "a", "against": "b"}
        priors = {"p": {"type": "q", "config": {}}}
        return Fragment(tokenizers, priors, [("a", "p")], [headline])


class Other(Small):
    """The same tokenizers, and one system more."""

    Config = Wider

    def build(self, scale, resolution):
        first = super().build(scale, resolution)
        return Fragment(first.tokenizers, first.priors, [("a", "p"), ("b", "p")])


class Clash(Small):
    def build(self, scale, resolution):
        return Fragment({"a": {"type": "u", "config": {}}})


@pytest.fixture(autouse=True)
def plugins(monkeypatch):
    """`small`, `other` and `clash` are the questions that are installed."""
    real, ours = question.find, {"small": Small, "other": Other, "clash": Clash}

    class Found:
        def __init__(self, name):
            self.name = name

        def load(self):
            return ours[self.name]

    monkeypatch.setattr(
        question, "find", lambda kind, name: Found(name) if name in ours else real(kind, name)
    )


def test_a_question_builds_its_systems_at_the_scale_and_resolution():
    data = {"resolution": 32}
    built = with_questions({"name": "x", "question": "small", "scale": {"width": 3}, "data": data})
    assert built["tokenizers"]["b"] == {"type": "t", "config": {"conv": {"width": 3, "side": 32}}}
    assert built["systems"] == [{"tokenizer": "a", "prior": "p"}]
    assert [headline["question"] for headline in built["headlines"]] == ["small"]
    assert built.keys() == {"name", "data", "tokenizers", "priors", "systems", "headlines"}


def test_what_is_not_asked_is_left_as_it_is():
    values = {"name": "x", "tokenizers": {"a": {"type": "t"}}}
    assert with_questions(values | {"scale": {"width": 3}}) == values


def test_questions_share_what_they_build_alike():
    built = with_questions({"question": ["small", "other", "small"], "scale": {"height": 2}})
    assert list(built["tokenizers"]) == ["a", "b"]
    assert [each["tokenizer"] for each in built["systems"]] == ["a", "b"]
    assert len(built["headlines"]) == 1


def test_two_meanings_of_one_name_are_refused():
    with pytest.raises(ConfigError, match="question 'clash' means another 'a' in tokenizers"):
        with_questions({"question": ["small", "clash"]})


def test_a_key_of_scale_must_be_read_by_some_question():
    with pytest.raises(ConfigError, match=r"experiment\.scale\.height: no such key"):
        with_questions({"question": "small", "scale": {"height": 2}})
    with pytest.raises(ConfigError, match=r"scale\.widht: no such key\. Did you mean 'width'"):
        with_questions({"question": ["small", "other"], "scale": {"widht": 2}})
    with pytest.raises(ConfigError, match=r"scale\.width: .*\(got 'x'\)"):
        with_questions({"question": "small", "scale": {"width": "x"}})
    with pytest.raises(ConfigError, match=r"experiment\.scale: must be a mapping"):
        with_questions({"question": "small", "scale": 3})


@pytest.mark.parametrize(("wrong", "right"), [("qestion", "question"), ("scales", "scale")])
def test_a_misspelt_question_is_answered_with_the_right_word(wrong, right):
    with pytest.raises(ConfigError, match=rf"{wrong}: no such key\. Did you mean '{right}'\?"):
        with_questions({wrong: "small"})


@pytest.mark.parametrize("asked", [3, {"small": 1}, ["small", 3]])
def test_what_is_no_name_is_refused(asked):
    with pytest.raises(ConfigError, match=r"question: must be a name or a list of names \(got"):
        with_questions({"question": asked})


def test_one_s_own_parts_stand_beside_the_built_ones_and_win():
    own = {
        "tokenizers": {"a": {"config": {"conv": {"width": 5}}}, "c": {"type": "t"}},
        "systems": [{"tokenizer": "a", "prior": "p"}, {"tokenizer": "c", "prior": "p"}],
        "headlines": [{"title": "mine"}],
    }
    built = with_questions({"question": "small", **own})
    widths = {
        name: spec.get("config", {}).get("conv", {}).get("width")
        for name, spec in built["tokenizers"].items()
    }
    assert widths == {"a": 5, "b": 8, "c": None}
    assert [each["tokenizer"] for each in built["systems"]] == ["a", "c"]
    assert [each["title"] for each in built["headlines"]] == ["?", "mine"]


def test_a_mapping_that_several_parts_share_may_be_changed_in_one():
    built = with_questions({"question": "small"})
    built["tokenizers"]["a"]["config"]["conv"]["width"] = 1
    assert built["tokenizers"]["b"]["config"]["conv"]["width"] == 8


def test_asking_one_question_leaves_out_what_the_experiment_builds_itself():
    whole = {
        "name": "x", "expect": "much", "seed": 3, "question": ["other"], "scale": {"width": 4},
        "tokenizers": {"mine": {"type": "t"}}, "headlines": [{"title": "mine"}],
    }  # fmt: skip
    built = with_questions(whole, ["small"])
    assert built["name"] == "x-small"
    assert built["seed"] == 3
    assert "expect" not in built
    assert list(built["tokenizers"]) == ["a", "b"]
    assert len(built["headlines"]) == len(built["systems"]) == 1


def test_an_unknown_question_is_answered_with_the_nearest():
    with pytest.raises(UnknownPluginError, match=r"No question is called 'stacking-vs-gird'"):
        load_experiment("tiny", questions=["stacking-vs-gird"])
