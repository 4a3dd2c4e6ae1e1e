"""Mirrors rqbench/fidelity/npz_pictures.py."""

import numpy as np
import pytest

from rqbench.errors import DataError
from rqbench.fidelity.npz_pictures import npz_pictures

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 2, 5, 3), dtype=np.uint8)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_pictures_and_classes_of_guided_diffusion_s_layout(tmp_path, save):
    save(tmp_path / "samples.npz", PIXELS, np.array([5, 5, 0, 9]))
    pictures = npz_pictures(tmp_path / "samples.npz")
    assert pictures.name == "npz:samples.npz"
    assert pictures.labels == ["5", "5", "0", "9"]
    assert np.array_equal(pictures.decode(2, pictures.encoded(2)).pixels, PIXELS[2])


def test_classes_may_be_missing(tmp_path):
    np.savez(tmp_path / "a.npz", PIXELS)
    assert npz_pictures(tmp_path / "a.npz").labels == [None] * 4


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"arr_0": PIXELS.transpose(0, 3, 1, 2)}, r"\(4, 3, 2, 5\).*transpose\(0, 2, 3, 1\)"),
        ({"arr_0": PIXELS.astype(np.float32)}, "arr_0 is float32.*8-bit pixels in 0 to 255"),
        ({"arr_0": PIXELS[:0]}, "at least one picture"),
        ({"arr_0": PIXELS, "arr_1": np.zeros((4, 10))}, "arr_1 is float64 of the shape"),
        ({"images": PIXELS}, "has no arr_0; it holds images"),
        ({"mu": np.zeros(3)}, "Of statistics sigma is missing: they are mu and sigma"),
        ({"mu": np.zeros(3), "sigma": np.eye(3)}, "These are statistics, with no pictures in them"),
    ],
)
def test_another_layout_is_refused_with_the_one_that_is_needed(tmp_path, arrays, said):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataError, match=said):
        npz_pictures(tmp_path / "a.npz")
