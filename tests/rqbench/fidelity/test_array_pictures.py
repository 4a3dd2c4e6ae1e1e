"""Mirrors rqbench/fidelity/array_pictures.py."""

import io

import numpy as np
from PIL import Image

from rqbench.fidelity.array_pictures import ArrayPictures

PIXELS = np.random.default_rng(0).integers(0, 256, (2, 3, 5, 3), dtype=np.uint8)


def test_a_row_is_read_as_the_ppm_file_of_its_pixels():
    pictures = ArrayPictures("two", PIXELS)
    for index in range(2):
        file = io.BytesIO(pictures.encoded(index))
        assert np.array_equal(np.asarray(Image.open(file)), PIXELS[index])


def test_it_decodes_to_the_pixels_again():
    pictures = ArrayPictures("two", PIXELS, labels=["7", "8"])
    found = pictures.decode(1, pictures.encoded(1))
    assert np.array_equal(found.pixels, PIXELS[1])
    assert (found.format, found.mode) == ("array", "RGB")
    assert (pictures.names, pictures.labels) == (["row 0", "row 1"], ["7", "8"])


def test_the_same_bytes_in_another_shape_are_another_picture():
    turned = ArrayPictures("turned", PIXELS.reshape(2, 5, 3, 3))
    assert turned.encoded(0) != ArrayPictures("two", PIXELS).encoded(0)
