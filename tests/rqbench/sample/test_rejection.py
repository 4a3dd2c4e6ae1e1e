"""Mirrors rqbench/sample/rejection.py."""

import pytest
import torch
from PIL import Image

from rqbench.errors import DataError
from rqbench.metrics.extractor import find_extractor
from rqbench.sample import load_system
from rqbench.sample.rejection import judge_by, keep_best, num_candidates, train_classifier


@pytest.mark.parametrize(
    ("num", "classes", "accept", "candidates"),
    [(64, 1, 0.05, 1280), (10, 2, 0.5, 20), (5, 2, 0.5, 12), (3, 1, 0.1, 30), (7, 10, 0.3, 40)],
)
def test_every_class_has_enough_candidates(num, classes, accept, candidates):
    assert num_candidates(num, classes, accept) == candidates


def test_the_most_probable_of_each_class_are_kept_in_the_order_they_were_drawn():
    #                          class 0: 0, 2, 4, 6      class 1: 1, 3, 5, 7
    found = torch.tensor([0.2, 0.1, 0.9, 0.5, 0.1, 0.7, 0.8, 0.6])
    kept = keep_best(found, 2, 5)
    assert kept.tolist() == [0, 5, 2, 7, 6]
    assert keep_best(found, 2, 2).tolist() == [2, 5]


def test_of_equal_probabilities_the_first_candidates_are_kept():
    assert keep_best(torch.full((6,), 0.5), 2, 4).tolist() == [0, 1, 2, 3]


def test_a_judge_prefers_codes_that_decode_to_its_class(labelled, tmp_path, progress, monkeypatch):
    classifier = train_classifier(labelled, find_extractor(), 16, tmp_path, progress)
    assert classifier.accuracy.value == 1  # noise of two brightnesses
    assert classifier.largest_class_share >= 0.5
    shades = torch.tensor([0.2, 0.8]).view(2, 1, 1, 1).expand(2, 3, 32, 32)
    noise = (torch.rand(2, 3, 32, 32) - 0.5) / 4
    monkeypatch.setattr(labelled.tokenizer, "decode", lambda codes: shades + noise)
    codes = labelled.prior.sample(2, 0, labelled.sampling, torch.tensor([[0], [1]]))
    judge = judge_by(classifier, labelled, 4)
    assert judge(codes, torch.tensor([0, 1])).min() > 0.5 > judge(codes, torch.tensor([1, 0])).max()


def test_changed_images_are_refused(labelled, labelled_run, tmp_path, progress):
    changed = labelled_run.parent / "data" / "dark" / "more.png"
    Image.new("RGB", (32, 32)).save(changed)
    try:
        with pytest.raises(DataError, match="is not what 'vq-4x4 \\+ raster' was trained on"):
            train_classifier(load_system(labelled_run), find_extractor(), 16, tmp_path, progress)
    finally:
        changed.unlink()
