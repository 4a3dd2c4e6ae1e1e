"""Mirrors rqbench/metrics/extractors/inception.py."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from rqbench.errors import DamagedFileError
from rqbench.metrics.extractor import load_extractor
from rqbench.metrics.extractors.inception import INCEPTION, SPATIAL
from rqbench.metrics.extractors.vgg import VGG16
from rqbench.metrics.feature_protocol import FeatureProtocol
from rqbench.metrics.libraries import library
from rqbench.metrics.published_weights import FoundWeights


@pytest.fixture
def pixels(few_pictures):
    pictures = [np.array(Image.open(path)) for path in sorted(few_pictures.iterdir())[:2]]
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)


@pytest.fixture
def theirs(random_inception):
    """torch-fidelity's network, asked for these outputs."""
    make = library("torch_fidelity.feature_extractor_inceptionv3").FeatureExtractorInceptionV3

    def build(*outputs):
        weights = str(random_inception)
        return make("inception-v3-compat", list(outputs), feature_extractor_weights_path=weights)

    return build


def test_features_and_logits_are_torch_fidelitys(pixels, theirs, random_inception):
    features, logits = load_extractor(INCEPTION.natural, weights=random_inception).extract(pixels)
    expected = theirs("2048", "logits_unbiased")(pixels)
    assert features.std() > 0.1  # random weights could give numbers that agree by being nothing
    torch.testing.assert_close((features, logits), expected, rtol=1e-5, atol=1e-5)


def test_logits_may_have_the_bias_of_the_last_layer_or_be_left_out(
    pixels, theirs, random_inception
):
    (expected,) = theirs("logits")(pixels)
    biased = FeatureProtocol(logits="with bias")
    _, logits = load_extractor(biased, weights=random_inception).extract(pixels)
    torch.testing.assert_close(logits, expected, rtol=1e-5, atol=1e-5)
    found = load_extractor(FeatureProtocol(logits="none"), weights=random_inception)
    assert found.num_classes == 0
    assert found.extract(pixels)[1].shape == (2, 0)


def test_pictures_that_are_resized_already_may_be_floats(theirs, random_inception):
    whole = torch.randint(0, 256, (1, 3, 299, 299), dtype=torch.uint8)
    protocol = FeatureProtocol(resize="torch-bilinear")
    features, _ = load_extractor(protocol, weights=random_inception).extract(whole.float())
    (expected,) = theirs("2048")(whole)  # 299 px to 299 px is what it was
    torch.testing.assert_close(features, expected, rtol=1e-5, atol=1e-5)


def test_spatial_features_are_the_first_seven_maps_of_one_branch_channels_last(
    pixels, theirs, random_inception
):
    network = theirs("2048")
    seen = []
    network.Mixed_6d.branch1x1.register_forward_hook(lambda *heard: seen.append(heard[-1]))
    network(pixels)
    found = load_extractor(SPATIAL.natural, weights=random_inception)
    features, _ = found.extract(pixels)
    assert features.shape == (2, found.dim)
    expected = torch.stack([seen[0][:, c] for c in range(7)], dim=-1).flatten(1)
    torch.testing.assert_close(features, expected, rtol=1e-5, atol=1e-5)


def test_floats_follow_rqs_protocol_without_8_bits_between(theirs, random_inception):
    images = torch.rand(1, 3, 20, 24)
    protocol = FeatureProtocol(pixels="float", resize="torch-bilinear", normalise="2x/255-1")
    features, _ = load_extractor(protocol, weights=random_inception).features(images)
    network = theirs("2048")
    resized = F.interpolate(images, size=(299, 299), mode="bilinear", align_corners=False)
    network.Conv2d_1a_3x3.register_forward_pre_hook(lambda *_: 2 * resized - 1)
    (expected,) = network(torch.zeros(1, 3, 8, 8, dtype=torch.uint8))
    torch.testing.assert_close(features, expected, rtol=1e-4, atol=1e-4)


def test_a_file_of_other_tensors_is_no_inception(tmp_path):
    path = tmp_path / "other.pth"
    torch.save({"layer.weight": torch.zeros(2)}, path)
    with pytest.raises(DamagedFileError, match="holds no weights of Inception"):
        load_extractor(INCEPTION.natural, weights=path)


class Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_code_in_a_file_of_ones_own_is_not_run(tmp_path):
    path, made = tmp_path / "weights.pth", tmp_path / "made"
    torch.save({"layer.weight": Touch(made)}, path)
    with pytest.raises(DamagedFileError):
        load_extractor(INCEPTION.natural, weights=path)
    assert not made.exists()


class _Runs:
    """What writes a file as soon as it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.write_text, (self.path, "ran")


@pytest.mark.parametrize("known", [INCEPTION, VGG16], ids=lambda known: known.natural.extractor)
def test_code_in_a_file_does_not_run_even_where_its_digest_begins_as_published(tmp_path, known):
    torch.save({"a": _Runs(tmp_path / "trace")}, tmp_path / "weights.pth")
    digest = known.weights.sha256.ljust(64, "0")  # as whoever tries long enough can have it
    with pytest.raises(DamagedFileError, match="cannot be read as weights"):
        known.build(FoundWeights(tmp_path / "weights.pth", digest), known.natural)
    assert not (tmp_path / "trace").exists()
