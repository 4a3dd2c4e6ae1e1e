"""Mirrors rqbench/evaluate/coded_rate.py."""

import pytest
import torch

from rqbench.codes import concatenate
from rqbench.data.crop import Crop
from rqbench.errors import UnsupportedError
from rqbench.evaluate import coded_rate as module
from rqbench.evaluate import evaluate, load_subject
from rqbench.evaluate.coded_rate import CodedRate
from rqbench.evaluate.prior_rate import PriorRate, find_prior_rate
from rqbench.stages.coded_rates import CODED_RATES, coded_rates

NAMES = ["0/a.png", "2/b.png", "1/c.png", "0/d.png", "2/e.png"]


@pytest.fixture
def subject(imported):
    return load_subject(imported)


@pytest.fixture
def codes(subject):
    return subject.tokenizer.encode(torch.rand(5, 3, 16, 16))


def taken(subject, codes, count):
    """All images in two batches."""
    coding = CodedRate(find_prior_rate(subject, NAMES, Crop(resolution=16)), NAMES, count)
    coding.take(codes[:3], NAMES[:3])
    coding.take(codes[3:], NAMES[3:])
    return coding


def test_chosen_images_are_coded_under_the_class_of_their_folder(subject, codes):
    coding, told = taken(subject, codes, 3), []
    assert coding.chosen == {NAMES[0], NAMES[2], NAMES[4]}
    found = coding.measure(told.append)
    some = concatenate([codes[place : place + 1] for place in (0, 2, 4)])
    expected = coded_rates(subject.prior, some, torch.tensor([0, 1, 2]), NAMES[::2], 256)
    assert sum(told) == 6
    for metric in CODED_RATES:
        assert [found[name][metric] for name in NAMES[::2]] == expected[metric]


def test_without_a_rate_or_a_wish_nothing_is_coded(subject, codes):
    assert taken(subject, codes, 0).measure(print) == {}
    without = CodedRate(PriorRate(note="no prior rate: a reason"), NAMES, 3)
    without.take(codes, NAMES)
    assert (without.chosen, without.measure(print), without.note) == (set(), {}, "")


def test_a_prior_that_cannot_code_is_told_in_a_note(subject, codes, monkeypatch):
    def refuse(*_):
        raise UnsupportedError("it has no sequence of symbols.")

    monkeypatch.setattr(module, "coded_rates", refuse)
    coding = taken(subject, codes, 2)
    assert coding.measure(print) == {}
    assert coding.note == "no coded rate: it has no sequence of symbols."


def test_an_evaluation_has_the_coded_rate_of_as_many_images_as_asked(
    subject, flat_pictures, tmp_path
):
    root = flat_pictures({name: 60 + 40 * place for place, name in enumerate(NAMES)})
    found = evaluate(subject, root, tmp_path / "out", coded=2)
    records = {each.metric: each for each in found.records if not each.settings}
    coded = records["rate_coded_bpp"]
    assert (coded.n, coded.clusters) == (2, ["0/a.png", "2/e.png"])
    assert coded.system == records["rate_prior_bpp"].system
    nll = records["nll_bits_per_image"]
    likely = dict(zip(nll.clusters, nll.raw, strict=True))
    for name, bpp, more in zip(
        coded.clusters, coded.raw, records["coding_overhead_bytes"].raw, strict=True
    ):
        assert bpp * 256 == pytest.approx(likely[name] + 8 * more, abs=1e-3)
    none = evaluate(subject, root, tmp_path / "none", coded=0)
    assert "rate_coded_bpp" not in {each.metric for each in none.records}
