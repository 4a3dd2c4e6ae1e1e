"""Mirrors rqbench/metrics/extractors/squeeze.py."""

import pickle

import numpy as np
import pytest
import skimage.data
import torch

from rqbench.errors import DamagedFileError
from rqbench.metrics.extractor import load_extractor
from rqbench.metrics.extractors.squeeze import SQUEEZE
from rqbench.metrics.published_weights import is_ready

ESPRESSO = 967


@pytest.mark.skipif(not is_ready(SQUEEZE.weights), reason="the extra `squeezenet` is not installed")
def test_it_sees_what_is_in_the_picture():
    picture = np.ascontiguousarray(skimage.data.coffee()[:, 100:500])
    images = torch.from_numpy(picture).permute(2, 0, 1)[None] / 255
    features, logits = load_extractor(SQUEEZE.natural).features(images)
    assert features.shape == (1, 512)
    assert logits.softmax(dim=1)[0, ESPRESSO] > 0.5


@pytest.mark.parametrize(
    "content", [b"no pickle", b"", pickle.dumps({"conv1": 3}), pickle.dumps({})]
)
def test_a_file_of_something_else_is_damaged(tmp_path, content):
    (tmp_path / "weights.pkl").write_bytes(content)
    with pytest.raises(DamagedFileError, match="no weights of SqueezeNet"):
        load_extractor(SQUEEZE.natural, weights=tmp_path / "weights.pkl")
