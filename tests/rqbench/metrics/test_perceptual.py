"""Mirrors rqbench/metrics/perceptual.py."""

import hashlib
import warnings

import numpy as np
import pytest
import skimage.data
import torch
from skimage.filters import gaussian

import rqbench.metrics.perceptual as perceptual
from rqbench.errors import DamagedFileError
from rqbench.metrics.libraries import library
from rqbench.metrics.perceptual import find_perceptual, lpips_distance, st_lpips_distance
from rqbench.metrics.published_weights import PublishedWeights, in_torch_cache


def crop(picture, side):
    pixels = np.ascontiguousarray(picture[100 : 100 + side, 150 : 150 + side])
    return torch.from_numpy(pixels).permute(2, 0, 1)[None] / 255


def test_without_cached_trunks_it_is_st_lpips_under_its_own_name(torch_cache):
    found = find_perceptual()
    assert (found.metric, found.description) == ("st_lpips", "ST-LPIPS (alex)")
    assert found.weights_sha256 == perceptual.ST_LPIPS_SHA256
    assert found.min_side == 24


@pytest.mark.parametrize(
    ("side", "expected"), [(24, 0.665322), (33, 0.616581), (64, 0.572786), (97, 0.634942)]
)
def test_st_lpips_gives_what_its_authors_code_gives(torch_cache, side, expected):
    # From stlpips_pytorch 0.0.2, LPIPS(net="alex", variant="shift_tolerant"), torch 2.13
    cat, coffee = crop(skimage.data.chelsea(), side), crop(skimage.data.coffee(), side)
    assert find_perceptual().distance(cat, coffee).item() == pytest.approx(expected, abs=2e-6)


def test_st_lpips_is_zero_for_itself_and_grows_with_blur(torch_cache):
    distance = find_perceptual().distance
    cat = crop(skimage.data.chelsea(), 64)
    blurred = [
        torch.from_numpy(gaussian(cat[0].numpy(), sigma, channel_axis=0))[None].float()
        for sigma in (0.5, 1.0, 2.0)
    ]
    values = [distance(cat, other).item() for other in (cat, *blurred)]
    assert values[0] == 0.0
    assert values == sorted(values)


def test_st_lpips_is_symmetric_and_has_a_finite_gradient(torch_cache):
    distance = find_perceptual().distance
    first = torch.rand(2, 3, 32, 32)
    second = torch.rand(2, 3, 32, 32, requires_grad=True)
    there, back = distance(first, second), distance(second, first)
    torch.testing.assert_close(there, back, rtol=1e-5, atol=1e-6)
    there.sum().backward()
    assert torch.isfinite(second.grad).all()
    assert not any(parameter.requires_grad for parameter in distance.parameters())


def test_weights_of_another_net_are_refused(torch_cache):
    with pytest.raises(DamagedFileError, match="do not fit"):
        st_lpips_distance({"net.slice1.0.weight": torch.zeros(1)})


def torchvision_weights(seed):
    torch.manual_seed(seed)
    import torchvision

    return torchvision.models.alexnet().state_dict()


def test_lpips_equals_the_lpips_package_on_the_same_trunk():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = library("lpips").LPIPS(net="alex", pnet_rand=True, verbose=False)
    weights = torchvision_weights(1)
    for name, parameter in model.net.named_parameters():
        parameter.data.copy_(weights["features." + name.split(".", 1)[1]])
    first, second = torch.rand(2, 2, 3, 40, 40).unbind()
    expected = model(first, second, normalize=True).flatten()
    found = lpips_distance("alex", weights, 32)(first, second)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-7)


def test_a_cached_trunk_makes_it_lpips(torch_cache, monkeypatch):
    library("lpips")  # so that torchvision is mended
    path = torch_cache / "alexnet.pth"
    torch.save(torchvision_weights(2), path)
    digits = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    trunk = PublishedWeights(digits, in_torch_cache("alexnet.pth"))
    monkeypatch.setattr(perceptual, "LPIPS_TRUNKS", {"alex": trunk})
    found = find_perceptual()
    assert (found.metric, found.description) == ("lpips", "LPIPS (alex, v0.1)")
    assert found.weights_sha256.startswith(digits)
