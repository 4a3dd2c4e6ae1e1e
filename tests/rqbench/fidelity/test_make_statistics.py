"""Mirrors rqbench/fidelity/make_statistics.py."""

import numpy as np

from rqbench.fidelity import make_statistics as module
from rqbench.fidelity.feature_set import FeatureSet
from rqbench.fidelity.make_statistics import make_statistics
from rqbench.fidelity.pictures import PictureFacts
from rqbench.fidelity.protocol import FidelityProtocol

PROTOCOL = FidelityProtocol(id="ours")


def feature_set(rows):
    facts = [PictureFacts("x.png", f"{n:064x}", 4, 4, "PNG", "RGB", None) for n in range(len(rows))]
    return FeatureSet.of_arrays(rows, rows[:, :1], facts)


def test_mean_and_covariance_are_numpy_s_whatever_the_blocks(monkeypatch, mean_extractor):
    rows = np.random.default_rng(0).normal(1000, 1, (50, 3)).astype(np.float32)
    monkeypatch.setattr(module, "_ROWS", 7)
    found = make_statistics("x", feature_set(rows), PROTOCOL, mean_extractor)
    np.testing.assert_allclose(found.mu, rows.mean(axis=0, dtype=np.float64), rtol=1e-12)
    np.testing.assert_allclose(found.sigma, np.cov(rows.astype(np.float64).T), rtol=1e-10)


def test_they_say_by_what_they_were_made(mean_extractor):
    rows = np.eye(4, 3, dtype=np.float32)
    features = feature_set(rows)
    found = make_statistics("folder:x", features, PROTOCOL, mean_extractor)
    assert (found.n, found.features) == (4, None)
    assert found.about.model_dump() == {
        "pictures": "folder:x", "digest": features.digest, "n": 4,
        "protocol": PROTOCOL.model_dump(), "protocol_sha256": PROTOCOL.sha256,
        "extractor": "mean", "weights_sha256": "cd" * 32, "skipped": (),
    }  # fmt: skip
    kept = make_statistics("folder:x", features, PROTOCOL, mean_extractor, keep_features=True)
    assert kept.features is features
