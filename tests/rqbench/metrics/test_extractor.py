"""Mirrors rqbench/metrics/extractor.py."""

import hashlib

import numpy as np
import pytest
import skimage.data
import torch

import rqbench.metrics.extractor as extractor
from rqbench.metrics.extractor import find_extractor, sample_frechet
from rqbench.metrics.libraries import library

EGYPTIAN_CAT, ESPRESSO = 285, 967  # classes of ImageNet-1k


@pytest.fixture
def offline(tmp_path, monkeypatch):
    """A cache of torch without a single download."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    return tmp_path


def centre_crop(picture):
    side = min(picture.shape[:2])
    top, left = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
    square = np.ascontiguousarray(picture[top : top + side, left : left + side])
    return torch.from_numpy(square).permute(2, 0, 1)[None] / 255


@pytest.mark.parametrize(("picture", "name"), [("chelsea", EGYPTIAN_CAT), ("coffee", ESPRESSO)])
def test_it_sees_what_is_in_the_picture(offline, picture, name):
    found = find_extractor()
    _, logits = found.features(centre_crop(getattr(skimage.data, picture)()))
    probabilities = logits.softmax(dim=1)[0]
    assert probabilities.argmax() == name
    assert probabilities[name] > 0.5


def test_without_cached_inception_it_says_so_in_its_name(offline):
    found = find_extractor()
    assert (found.name, found.dim) == ("effnetlite0", 1280)
    assert sample_frechet() == "fd_effnetlite0"
    assert found.clauses == {
        "extractor": "effnetlite0",
        "extractor_weights_sha256": extractor.EFFNETLITE0_SHA256,
        "resizer": "clean-fid PIL bicubic, 128 px",
        "pixels": "8-bit round",
    }


def test_images_are_measured_as_the_8_bit_files_they_would_be_saved_as(offline):
    found = find_extractor()
    whole = torch.randint(0, 256, (2, 3, 32, 32)) / 255
    shaken = whole + (torch.rand_like(whole) - 0.5) * 0.9 / 255
    torch.testing.assert_close(found.features(whole), found.features(shaken), rtol=0, atol=0)
    outside = torch.full((1, 3, 32, 32), 1.5)
    white = torch.ones(1, 3, 32, 32)
    torch.testing.assert_close(found.features(outside), found.features(white), rtol=0, atol=0)


def test_batching_changes_no_feature(offline, monkeypatch):
    found = find_extractor()
    images = torch.rand(5, 3, 48, 48)
    together, _ = found.features(images)
    monkeypatch.setattr(extractor, "_BATCH", 2)
    apart, logits = found.features(images)
    assert apart.shape == (5, 1280)
    assert logits.shape == (5, 1000)
    torch.testing.assert_close(apart, together, rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_cached_inception_is_preferred(offline, monkeypatch):
    module = library("torch_fidelity.feature_extractor_inceptionv3")
    path = offline / "hub" / "checkpoints" / "weights.pth"
    path.parent.mkdir(parents=True)
    with monkeypatch.context() as patch:  # build it without weights, once, to have a file of them
        patch.setattr(module, "load_state_dict_from_url", lambda *_, **__: {})
        patch.setattr(module.FeatureExtractorInceptionV3, "load_state_dict", lambda *_: None)
        random = module.FeatureExtractorInceptionV3("random", ["2048"])
    torch.save(random.state_dict(), path)
    name = f"weights-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}.pth"
    path.rename(path.with_name(name))
    monkeypatch.setattr(extractor, "INCEPTION_FILE", name)
    found = find_extractor()
    assert (found.name, found.dim) == ("inception", 2048)
    assert sample_frechet() == "fid"
    features, logits = found.features(torch.rand(1, 3, 32, 32))
    assert features.shape == (1, 2048)
    assert logits.shape == (1, 1008)
