"""Mirrors rqbench/evaluate/prior_rate.py."""

import math
from dataclasses import replace

import pytest
import torch

from rqbench.condition_spec import ConditionSpec
from rqbench.evaluate import Crop, load_subject
from rqbench.evaluate.prior_rate import find_prior_rate
from rqbench.plugins import find

NAMES, CROP = ["2/a.png", "0/b.png"], Crop(resolution=16)


def with_prior(subject, condition):
    """The same system with another prior."""
    prior = find("prior", "raster").load().tiny(subject.prior.layout, condition).eval()
    return replace(subject, system=replace(subject.system, prior=prior))


def test_it_is_the_likelihood_under_the_class_of_the_folder_in_bits_over_pixels(imported):
    subject = load_subject(imported)
    codes = subject.tokenizer.encode(torch.rand(2, 3, 16, 16))
    rate = find_prior_rate(subject, NAMES, CROP)
    assert rate.note == "classes by sub-folder"
    found = rate.of(codes, NAMES, "cpu").rates
    with torch.no_grad():
        nats = subject.prior.log_prob(codes, torch.tensor([[2], [0]]))
    assert found["nll_bits_per_image"] == pytest.approx((-nats / math.log(2)).tolist())
    assert found["rate_prior_bpp"] == pytest.approx((-nats / math.log(2) / 256).tolist())


def test_a_prior_without_condition_needs_no_classes(imported):
    subject = with_prior(load_subject(imported), None)
    rate = find_prior_rate(subject, ["a.png"], CROP)
    codes = subject.tokenizer.encode(torch.rand(1, 3, 16, 16))
    assert len(rate.of(codes, ["a.png"], "cpu").rates["rate_prior_bpp"]) == 1
    assert rate.note == ""


@pytest.mark.parametrize(
    ("condition", "names", "crop", "said"),
    [
        (ConditionSpec(3), ["a.png"], CROP, "a.png lies in no sub-folder"),
        (ConditionSpec(3, length=4), NAMES, CROP, "conditioned on other things than classes"),
        (ConditionSpec(3), NAMES, Crop(resolution=32), "the prior models codes of 4x4x1, k=8"),
        (ConditionSpec(3), NAMES, Crop(kind="whole"), "the prior models codes of 4x4x1, k=8"),
    ],
)
def test_where_it_cannot_be_had_the_note_says_why(imported, condition, names, crop, said):
    subject = with_prior(load_subject(imported), condition)
    rate = find_prior_rate(subject, names, crop)
    assert rate.note.startswith("no prior rate: ") and said in rate.note
    codes = subject.tokenizer.encode(torch.rand(1, 3, 16, 16))
    assert rate.of(codes, names[:1], "cpu") is None


def test_a_tokenizer_alone_has_none_and_nothing_to_say(imported):
    rate = find_prior_rate(load_subject(imported / "tokenizer"), NAMES, CROP)
    assert (rate.prior, rate.note) == (None, "")
