"""Mirrors rqbench/metrics/extractor.py."""

import hashlib
from dataclasses import replace
from importlib.metadata import version

import numpy as np
import pytest
import skimage.data
import torch
from torch import nn

import rqbench.metrics.extractor as module
from rqbench.errors import ConfigError, UnsupportedError
from rqbench.fidelity.dialects import DIALECTS
from rqbench.fidelity.with_extractor import with_extractor
from rqbench.metrics import libraries
from rqbench.metrics.extractor import Extractor, find_extractor, load_extractor, sample_frechet
from rqbench.metrics.extractor_errors import ExtractorModeError, NonFiniteFeaturesError
from rqbench.metrics.extractors.lite import LITE
from rqbench.metrics.feature_protocol import FeatureProtocol

EGYPTIAN_CAT, ESPRESSO = 285, 967  # classes of ImageNet-1k


class Means(nn.Module):
    """The mean of each channel, twice."""

    def forward(self, pixels):
        means = pixels.float().mean(dim=(2, 3))
        return means, means


@pytest.fixture
def means():
    protocol, network = FeatureProtocol(resize="network"), Means().eval()
    return Extractor(
        "means", "0" * 64, 3, 3, protocol, lambda picture: picture, network, torch.device("cpu")
    )


def centre_crop(picture):
    side = min(picture.shape[:2])
    top, left = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
    square = np.ascontiguousarray(picture[top : top + side, left : left + side])
    return torch.from_numpy(square).permute(2, 0, 1)[None] / 255


@pytest.mark.parametrize(("picture", "name"), [("chelsea", EGYPTIAN_CAT), ("coffee", ESPRESSO)])
def test_it_sees_what_is_in_the_picture(torch_cache, picture, name):
    found = find_extractor()
    _, logits = found.features(centre_crop(getattr(skimage.data, picture)()))
    probabilities = logits.softmax(dim=1)[0]
    assert probabilities.argmax() == name
    assert probabilities[name] > 0.5


def test_without_cached_inception_it_says_so_in_its_name(torch_cache):
    found = find_extractor()
    assert (found.name, found.dim, found.num_classes) == ("effnetlite0", 1280, 1000)
    assert sample_frechet() == "fd_effnetlite0"
    assert found.clauses == {
        "extractor": "effnetlite0",
        "extractor_weights_sha256": LITE.weights.sha256,
        "resizer": "clean-fid PIL bicubic, 128 px",
        "pixels": "8-bit round",
    }


def test_images_are_measured_as_the_8_bit_files_they_would_be_saved_as(torch_cache):
    found = find_extractor()
    whole = torch.randint(0, 256, (2, 3, 32, 32)) / 255
    shaken = whole + (torch.rand_like(whole) - 0.5) * 0.9 / 255
    torch.testing.assert_close(found.features(whole), found.features(shaken), rtol=0, atol=0)
    outside = torch.full((1, 3, 32, 32), 1.5)
    white = torch.ones(1, 3, 32, 32)
    torch.testing.assert_close(found.features(outside), found.features(white), rtol=0, atol=0)


def test_images_in_memory_get_the_features_of_the_prepared_file(torch_cache):
    found = find_extractor()
    picture = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    prepared = torch.from_numpy(found.prepare(picture)).permute(2, 0, 1)[None]
    assert prepared.shape == (1, 3, 128, 128)
    images = torch.from_numpy(picture).permute(2, 0, 1)[None] / 255
    torch.testing.assert_close(
        found.features(images), found.extract(prepared), rtol=1e-4, atol=1e-5
    )


def test_batching_changes_no_feature(torch_cache, monkeypatch):
    found = find_extractor()
    images = torch.rand(5, 3, 48, 48)
    together, _ = found.features(images)
    monkeypatch.setattr(module, "_BATCH", 2)
    apart, logits = found.features(images)
    assert apart.shape == (5, 1280)
    assert logits.shape == (5, 1000)
    torch.testing.assert_close(apart, together, rtol=1e-4, atol=1e-5)


def test_cached_inception_is_preferred(torch_cache, random_inception, pass_for_published):
    cached = torch_cache / "pt_inception-2015-12-05-6726825d.pth"
    cached.symlink_to(random_inception)
    pass_for_published("inception-v3-compat", random_inception)
    found = find_extractor()
    assert (found.name, found.dim, found.num_classes) == ("inception-v3-compat", 2048, 1008)
    assert found.weights_sha256 == hashlib.sha256(random_inception.read_bytes()).hexdigest()
    assert sample_frechet() == "fid"


def test_weights_of_ones_own_change_the_name(random_inception):
    found = load_extractor(DIALECTS["torch-fidelity"].protocol, weights=random_inception)
    digits = hashlib.sha256(random_inception.read_bytes()).hexdigest()[:8]
    assert found.name == f"inception-v3-compat@{digits}"


def test_the_key_tells_features_apart_and_not_what_leaves_them_alone(random_inception):
    def key(name):
        return load_extractor(DIALECTS[name].protocol, weights=random_inception).key

    assert key("torch-fidelity") == key("truncate")  # 8-bit files have the same features
    assert len({key(name) for name in ("torch-fidelity", "legacy-pytorch", "rq")}) == 3


@pytest.mark.parametrize(
    ("name", "extractor", "decides"),
    [
        ("torch-fidelity", None, {"torch-fidelity"}),
        ("legacy-pytorch", None, {"torch-fidelity", "clean-fid"}),
        ("offline", None, {"clean-fid"}),
        ("torch-fidelity", "effnetlite0", {"torch-fidelity"}),  # its resizer
    ],
)
def test_the_key_tells_apart_versions_of_the_code_that_runs(
    random_inception, monkeypatch, name, extractor, decides
):
    protocol = with_extractor(DIALECTS[name].protocol, extractor)
    weights = random_inception if protocol.extractor == "inception-v3-compat" else None
    loaded = load_extractor(protocol, weights=weights)
    before, found = loaded.key, set()
    for library in ("torch-fidelity", "clean-fid"):
        with monkeypatch.context() as changed:
            changed.setattr(
                libraries,
                "version",
                lambda each, new=library: "9" if each == new else version(each),
            )
            found |= {library} if loaded.key != before else set()
    assert found == decides


def test_a_protocol_without_logits_gets_none_of_a_network_that_has_some(means):
    images = torch.rand(2, 3, 8, 8)
    features, logits = replace(means, num_classes=0).features(images)
    assert logits.shape == (2, 0)
    assert torch.equal(features, means.features(images)[0])


def test_a_network_in_training_mode_is_refused(means):
    means.network.append = nn.Identity().train()  # a part of it is enough
    with pytest.raises(ExtractorModeError, match=r"means is in training mode.*eval\(\)"):
        means.features(torch.rand(1, 3, 8, 8))


def test_without_weights_the_network_that_needs_no_download_is_named(torch_cache, tmp_path):
    with pytest.raises(
        UnsupportedError, match=r"--download .*--extractor effnetlite0`, or `--proto"
    ):
        load_extractor(FeatureProtocol())
    with pytest.raises(UnsupportedError) as caught:
        load_extractor(LITE.natural, weights=tmp_path / "nowhere")
    assert "--extractor" not in str(caught.value)


def test_features_that_are_not_numbers_name_the_picture(means):
    pixels = torch.ones(3, 3, 4, 4)
    pixels[1, 2, 0, 0] = torch.nan
    with pytest.raises(NonFiniteFeaturesError, match="place 1 of its batch") as caught:
        means.extract(pixels)
    assert caught.value.place == 1


@pytest.mark.parametrize(
    ("protocol", "said"),
    [
        (FeatureProtocol(extractor="inception"), "Did you mean 'inception-v3-"),
        (FeatureProtocol(resize="pil-bicubik"), "Did you mean 'pil-bicubic'"),
        (FeatureProtocol(normalise="(x-128)"), "Did you mean '(x-128)/128'"),
        (FeatureProtocol(resize="network"), "never come to their size inside the network"),
    ],
)
def test_clauses_that_nobody_can_carry_out_are_refused(protocol, said):
    with pytest.raises(ConfigError) as caught:
        load_extractor(protocol)
    assert said in str(caught.value)
