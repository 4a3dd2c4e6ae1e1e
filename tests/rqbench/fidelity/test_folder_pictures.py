"""Mirrors rqbench/fidelity/folder_pictures.py."""

import hashlib

import numpy as np
import pytest
from PIL import Image

from rqbench.data.images import BadImageError
from rqbench.errors import DataError
from rqbench.fidelity.folder_pictures import FolderPictures
from rqbench.metrics.libraries import library


def decoded(root, index=0):
    pictures = FolderPictures(root)
    return pictures.decode(index, pictures.encoded(index))


def test_they_come_in_plain_order_with_the_first_sub_folder_as_class(write_greys):
    root = write_greys({"b/x/2.png": 1, "a/10.png": 2, "a/9.jpeg": 3, "top.bmp": 4})
    (root / "notes.txt").write_text("x")
    (root / ".hidden.png").write_bytes(b"x")
    pictures = FolderPictures(root)
    assert pictures.names == ["a/10.png", "a/9.jpeg", "b/x/2.png", "top.bmp"]
    assert pictures.labels == ["a", "a", "b", None]
    assert (pictures.name, len(pictures)) == ("folder:images", 4)


def test_the_order_is_torch_fidelity_s(write_greys):
    root = write_greys({f"{name}.png": 1 for name in ("10", "9", "a-b", "a/b", "a b", "A", "a/a")})
    theirs = library("torch_fidelity.utils").glob_samples_paths(str(root), True, "png", None, False)
    assert [str((root / name).resolve()) for name in FolderPictures(root).names] == theirs


def test_pixels_format_and_mode_are_those_of_the_file(write_greys):
    root = write_greys({"a.png": 7}, size=(5, 3))
    found = decoded(root)
    assert found.pixels.shape == (3, 5, 3)
    assert found.pixels[0, 0].tolist() == [7, 0, 0]
    assert (found.format, found.mode) == ("PNG", "RGB")
    Image.new("L", (2, 2), 9).save(root / "a.png", format="JPEG")
    assert (decoded(root).format, decoded(root).mode) == ("JPEG", "L")
    assert hashlib.sha256(FolderPictures(root).encoded(0)).hexdigest() == (
        hashlib.sha256((root / "a.png").read_bytes()).hexdigest()
    )


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "CMYK"])
def test_other_modes_become_rgb_as_torch_fidelity_reads_them(tmp_path, mode):
    rng = np.random.default_rng(0)
    colours = Image.fromarray(rng.integers(0, 256, (6, 6, 4), dtype=np.uint8), "RGBA")
    ending = "tif" if mode == "CMYK" else "png"
    source = colours.convert("RGB") if mode in ("P", "1", "CMYK") else colours
    source.convert(mode).save(tmp_path / f"a.{ending}")
    theirs = library("torch_fidelity.datasets").ImagesPathDataset([tmp_path / f"a.{ending}"])[0]
    found = decoded(tmp_path)
    assert np.array_equal(found.pixels, theirs.permute(1, 2, 0).numpy())
    assert found.mode == mode


def test_a_palette_with_clear_colours_keeps_them(tmp_path):
    picture = Image.new("P", (2, 2), 1)
    picture.putpalette([0, 0, 0, 10, 20, 30])
    picture.save(tmp_path / "a.png", transparency=bytes([255, 0]))
    assert decoded(tmp_path).pixels[0, 0].tolist() == [10, 20, 30]


def test_more_than_8_bits_are_refused_and_not_cut_off(tmp_path):
    Image.fromarray(np.full((2, 2), 40000, np.uint16)).save(tmp_path / "a.png")
    with pytest.raises(BadImageError, match=r"a\.png cannot be used: its pixels have more than 8"):
        decoded(tmp_path)


def test_a_folder_without_images_is_refused(tmp_path):
    with pytest.raises(DataError, match="holds no images, in sub-folders neither"):
        FolderPictures(tmp_path)
