"""Mirrors rqbench/evaluate/pictures.py."""

import hashlib

import pytest

from rqbench.data.crop import Crop
from rqbench.data.images import BadImageError
from rqbench.errors import DataError
from rqbench.evaluate.pictures import batches, find_pictures

WHOLE = Crop(kind="whole")


def read(pictures, check=lambda picture: None, skip_bad=False, threads=3, ahead=4):
    return list(pictures.read(WHOLE, check, skip_bad, threads, ahead))


def test_pictures_come_in_the_order_of_their_names_from_all_sub_folders(flat_pictures):
    root = flat_pictures({f"{n % 3}/{n:02d}.png": n for n in range(20)})
    found = read(find_pictures(root))
    assert [picture.name for picture in found] == sorted(f"{n % 3}/{n:02d}.png" for n in range(20))
    assert [picture.pixels[0, 0, 0] for picture in found] == [
        int(picture.name[2:4]) for picture in found
    ]


def test_some_of_them_are_evenly_spaced(flat_pictures):
    root = flat_pictures({f"{n}.png": n for n in range(9)})
    assert find_pictures(root, 3).names == ["0.png", "3.png", "6.png"]
    assert find_pictures(root, 100).names == [f"{n}.png" for n in range(9)]


def test_one_file_will_do_and_no_path_is_told(flat_pictures):
    root = flat_pictures({"sub/a.png": 1})
    one = find_pictures(root / "sub" / "a.png")
    assert (one.name, list(one.names), len(read(one))) == ("file:a.png", ["a.png"], 1)
    assert find_pictures(root).name == "folder:images"


def test_the_digest_is_that_of_contents_whatever_they_are_called(flat_pictures):
    root = flat_pictures({"a.png": 1, "b.png": 2})
    first = find_pictures(root)
    read(first)
    each = sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in root.iterdir())
    assert first.digest == hashlib.sha256("\n".join(each).encode()).hexdigest()
    (root / "a.png").rename(root / "z.png")
    renamed = find_pictures(root)
    read(renamed)
    assert renamed.digest == first.digest


def test_a_bad_file_is_named_or_left_out(flat_pictures):
    root = flat_pictures({"a.png": 1, "c.png": 3})
    (root / "b.png").write_bytes(b"no picture")
    with pytest.raises(BadImageError, match=r"^b\.png cannot be used: it is not an image"):
        read(find_pictures(root))
    pictures = find_pictures(root)
    assert [picture.name for picture in read(pictures, skip_bad=True)] == ["a.png", "c.png"]
    assert pictures.skipped == ["b.png: it is not an image that Pillow can read"]
    assert len(pictures.digests) == 2


def test_what_a_model_cannot_take_is_a_bad_file_too(flat_pictures):
    def refuse(picture):
        if picture.name == "a.png":
            raise BadImageError(picture.name, "too grey")

    pictures = find_pictures(flat_pictures({"a.png": 1, "b.png": 2}))
    assert [picture.name for picture in read(pictures, refuse, skip_bad=True)] == ["b.png"]
    assert pictures.skipped == ["a.png: too grey"]


def test_only_a_few_are_read_ahead(flat_pictures):
    """What is read and not yet asked for stays below the bound, so that memory does too."""
    begun = []
    pictures = find_pictures(flat_pictures({f"{n:02d}.png": n for n in range(30)}))
    stream = pictures.read(WHOLE, lambda picture: begun.append(picture.name), False, 2, 5)
    for taken in range(1, 20):
        next(stream)
        assert len(begun) <= taken + 5
    stream.close()


def test_neighbours_of_one_size_go_together(flat_pictures):
    flat_pictures({"a.png": 1, "b.png": 1, "c.png": 1, "e.png": 1})
    root = flat_pictures({"d.png": 1}, size=(8, 16))
    together = [
        [picture.name for picture in some] for some in batches(read(find_pictures(root)), 2)
    ]
    assert together == [["a.png", "b.png"], ["c.png"], ["d.png"], ["e.png"]]


def test_a_place_without_images_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(DataError, match="holds no images, in sub-folders neither"):
        find_pictures(tmp_path)
    with pytest.raises(DataError, match="neither a folder of images nor an image file"):
        find_pictures(tmp_path / "nothing")
