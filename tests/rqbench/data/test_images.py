"""Mirrors rqbench/data/images.py."""

import io
import pickle

import numpy as np
import pytest
from PIL import Image

from rqbench.data.images import MAX_PIXELS, BadImageError, read_image
from rqbench.errors import DataError

RGB = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], dtype=np.uint8)


def encoded(picture, kind="PNG", **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def pixels(data):
    """H W 3, as nested lists."""
    return read_image(data).permute(1, 2, 0).tolist()


def test_rgb_pixels_come_back_channels_first():
    images = read_image(encoded(Image.fromarray(RGB)))
    assert images.tolist() == RGB.transpose(2, 0, 1).tolist()


def test_a_path_reads_like_its_bytes(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(RGB).save(path)
    assert read_image(path).equal(read_image(path.read_bytes()))


def test_sixteen_bits_scale_to_eight_with_rounding():
    values = np.array([[0, 257, 128 * 257 + 128], [65535, 128, 129]], dtype=np.uint16)
    for kind in ("PNG", "TIFF"):
        grey = [
            row[0] for line in pixels(encoded(Image.fromarray(values), kind)) for row in [*line]
        ]
        assert grey == [0, 1, 128, 255, 0, 1]


def test_greyscale_and_one_bit_fill_three_equal_channels():
    grey = Image.fromarray(np.array([[0, 255]], dtype=np.uint8))
    assert pixels(encoded(grey)) == [[[0, 0, 0], [255, 255, 255]]]
    assert pixels(encoded(grey.convert("1"))) == [[[0, 0, 0], [255, 255, 255]]]


def test_a_palette_gives_its_colours():
    assert pixels(encoded(Image.fromarray(RGB).quantize(4))) == RGB.tolist()


def test_a_transparent_palette_entry_shows_white():
    picture = Image.new("P", (2, 1))
    picture.putpalette([10, 20, 30, 200, 0, 0])
    picture.putdata([0, 1])
    assert pixels(encoded(picture, transparency=0)) == [[[255, 255, 255], [200, 0, 0]]]


def test_alpha_blends_with_white():
    rgba = np.array([[[0, 0, 0, 0], [200, 100, 0, 255], [0, 0, 0, 51]]], dtype=np.uint8)
    expected = [[[255, 255, 255], [200, 100, 0], [204, 204, 204]]]
    assert pixels(encoded(Image.fromarray(rgba))) == expected
    grey_alpha = np.array([[[0, 0], [90, 255]]], dtype=np.uint8)
    assert pixels(encoded(Image.fromarray(grey_alpha))) == [[[255, 255, 255], [90, 90, 90]]]


def test_cmyk_becomes_rgb():
    for kind in ("TIFF", "JPEG"):
        red = encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), kind)
        assert np.abs(np.array(pixels(red)) - [255, 0, 0]).max() <= 2


def test_the_exif_orientation_is_applied():
    picture = Image.fromarray(RGB)
    exif = picture.getexif()
    exif[0x0112] = 6  # the camera was turned: show it rotated by 90 degrees clockwise
    assert pixels(encoded(picture, exif=exif)) == np.rot90(RGB, -1).tolist()


WHOLE = encoded(Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)))


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"", "the file is empty"),
        (b"not an image at all", "not an image"),
        (WHOLE[: len(WHOLE) // 2], "broken or truncated"),
        (WHOLE[:300] + b"\0" * 200 + WHOLE[500:], "broken or truncated"),
        (encoded(Image.new("F", (2, 2)), "TIFF"), "floating point"),
        (encoded(Image.new("I", (2, 2), 70000), "TIFF"), "outside 0 to 65535"),
        (encoded(Image.new("1", (9460, 9460)), "PNG"), f"more than {MAX_PIXELS:,} pixels"),
        (encoded(Image.new("1", (15000, 15000)), "PNG"), f"more than {MAX_PIXELS:,} pixels"),
    ],
    ids=["empty", "text", "truncated", "damaged", "float", "integer", "large", "bomb"],
)
def test_a_bad_file_is_named_in_one_line_with_its_cause(data, cause):
    with pytest.raises(DataError, match="--skip-bad") as caught:
        read_image(data, "cats/7.png")
    message = str(caught.value)
    assert message.startswith("cats/7.png cannot be used: ")
    assert cause in message and "\n" not in message


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadImageError, match=r"gone\.png cannot be used: no such file"):
        read_image(tmp_path / "gone.png", "gone.png")


def test_the_error_survives_the_way_out_of_a_worker():
    error = BadImageError("a.png", "the file is empty")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
