"""Mirrors rqbench/metrics/weights.py."""

import sys

import pytest
import torch

from rqbench.errors import DamagedFileError, UnsupportedError
from rqbench.metrics.weights import checked_sha256, load_weights, packaged_file

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, example B.1


def test_a_file_inside_a_package_is_found_without_importing_the_package():
    path = packaged_file("stlpips_pytorch", "stlpips-pytorch", "stlpips.py")
    assert path.name == "stlpips.py"
    assert "stlpips_pytorch" not in sys.modules


@pytest.mark.parametrize("package", ["stlpips_pytorch", "no_such_package"])
def test_a_missing_file_or_package_says_what_to_install(package):
    with pytest.raises(UnsupportedError, match="pip install the-distribution"):
        packaged_file(package, "the-distribution", "missing.pth")


def test_the_checksum_may_be_given_by_its_first_digits(tmp_path):
    path = tmp_path / "weights.pth"
    path.write_bytes(b"abc")
    assert checked_sha256(path, ABC[:8]) == ABC
    with pytest.raises(DamagedFileError, match="damaged or another version"):
        checked_sha256(path, "00000000")


def test_tensors_are_read_by_name(tmp_path):
    torch.save({"a": torch.ones(2)}, tmp_path / "weights.pth")
    assert load_weights(tmp_path / "weights.pth")["a"].tolist() == [1.0, 1.0]


class Stranger:
    """Anything but a tensor."""


def test_a_file_that_holds_more_than_tensors_is_refused(tmp_path):
    path = tmp_path / "weights.pth"
    torch.save({"a": Stranger()}, path)
    with pytest.raises(DamagedFileError, match="nothing else"):
        load_weights(path)
    path.write_bytes(b"no checkpoint")
    with pytest.raises(DamagedFileError, match="cannot be read as weights"):
        load_weights(path)
