"""Mirrors rqbench/metrics/extractors/torchscript.py."""

import warnings

import numpy as np
import pytest
import torch
from PIL import Image

from rqbench.errors import DamagedFileError
from rqbench.fidelity.dialects import DIALECTS
from rqbench.metrics.extractor import load_extractor
from rqbench.metrics.extractors.torchscript import TORCHSCRIPT
from rqbench.metrics.libraries import library


def ours(folder, extractor):
    """Features of a folder, as the pass makes them."""
    pictures = [np.array(Image.open(path)) for path in sorted(folder.iterdir())]
    prepared = np.stack([extractor.prepare(picture) for picture in pictures])
    return extractor.extract(torch.from_numpy(prepared).permute(0, 3, 1, 2))[0].numpy()


def clean_fids(folder, mode, model):
    """Features of a folder by clean-fid itself."""
    return library("cleanfid.fid").get_folder_features(
        str(folder), model, num_workers=0, device=torch.device("cpu"), mode=mode, verbose=False
    )


@pytest.mark.parametrize(
    ("name", "mode"), [("clean", "clean"), ("legacy-tensorflow", "legacy_tensorflow")]
)
def test_features_are_clean_fids(few_pictures, scripted_inception, name, mode):
    extractor = load_extractor(DIALECTS[name].protocol, weights=scripted_inception)
    model = library("cleanfid.inception_torchscript").InceptionV3W(
        str(scripted_inception.parent), download=False, resize_inside=name != "clean"
    )
    features = ours(few_pictures, extractor)
    assert features.shape == (4, 2048)
    assert features.std() > 0.1
    expected = clean_fids(few_pictures, mode, model)
    np.testing.assert_allclose(features, expected, rtol=1e-5, atol=1e-5)


def test_legacy_pytorch_is_clean_fids_with_its_own_network(
    few_pictures, random_inception, monkeypatch
):
    module = library("cleanfid.inception_pytorch")
    weights = torch.load(random_inception)
    monkeypatch.setattr(module, "load_state_dict_from_url", lambda *_, **__: weights)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks torchvision by an old keyword
        network = module.InceptionV3(output_blocks=[3], resize_input=False).eval()
    extractor = load_extractor(DIALECTS["legacy-pytorch"].protocol, weights=random_inception)
    expected = clean_fids(
        few_pictures, "legacy_pytorch", lambda pixels: network(pixels / 255)[0][..., 0, 0]
    )
    np.testing.assert_allclose(ours(few_pictures, extractor), expected, rtol=1e-4, atol=1e-4)


def test_a_state_dict_is_no_torchscript(random_inception):
    with pytest.raises(DamagedFileError, match="is no TorchScript"):
        load_extractor(TORCHSCRIPT.natural, weights=random_inception)
