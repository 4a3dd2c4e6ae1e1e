"""Mirrors rqbench/metrics/extractors/dinov2.py."""

import pytest
import torch

from rqbench.errors import UnsupportedError
from rqbench.metrics.extractor import load_extractor
from rqbench.metrics.extractors.catalogue import EXTRACTORS

SMALL = EXTRACTORS["dinov2-vit-s-14"]
CODE = """
import torch

def dinov2_vits14():
    return torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(2), torch.nn.Flatten())
"""


def test_without_its_code_it_says_how_to_fetch_both(torch_cache):
    with pytest.raises(UnsupportedError, match=r"'dinov2_vits14'.* fetches both"):
        load_extractor(SMALL.natural)
    (torch_cache / "dinov2_vits14_pretrain.pth").write_bytes(b"weights")
    with pytest.raises(UnsupportedError, match="facebookresearch_dinov2_main"):
        load_extractor(SMALL.natural)


def test_with_both_in_torchs_hub_it_runs(torch_cache, monkeypatch):
    (torch_cache / "dinov2_vits14_pretrain.pth").write_bytes(b"weights")
    code = torch_cache.parent / "facebookresearch_dinov2_main"
    code.mkdir()
    (code / "hubconf.py").write_text(CODE)
    # which branch is asked of the network
    monkeypatch.setattr(torch.hub, "_get_cache_or_reload", lambda *_, **__: str(code))
    monkeypatch.setenv("XFORMERS_DISABLED", "")  # torch-fidelity sets it
    found = load_extractor(SMALL.natural)
    features, _ = found.extract(torch.full((1, 3, 20, 24), 255, dtype=torch.uint8))
    assert (found.name, found.num_classes) == ("dinov2-vit-s-14", 0)
    expected = torch.tensor([(1 - 0.485) / 0.229, (1 - 0.456) / 0.224, (1 - 0.406) / 0.225])
    torch.testing.assert_close(features[0], expected.repeat_interleave(4), rtol=1e-3, atol=0)
