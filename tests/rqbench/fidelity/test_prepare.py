"""Mirrors rqbench/fidelity/prepare.py."""

import hashlib

import pytest

from rqbench.data.images import BadImageError
from rqbench.fidelity import prepare
from rqbench.fidelity.folder_pictures import FolderPictures
from rqbench.fidelity.prepare import prepare_all, read_digests


@pytest.fixture
def read(progress, mean_extractor):
    """Pictures of a folder with their digests, prepared by two threads."""

    def read(root, ahead=8):
        pictures = FolderPictures(root)
        digests = read_digests(pictures, 2, progress)
        return prepare_all(pictures, mean_extractor, digests, range(len(pictures)), 2, ahead)

    return read


def test_digests_are_those_of_the_files_and_a_fault_stands_at_its_place(numbered, progress):
    root = numbered(3)
    (root / "001.png").unlink()
    (root / "001.png").symlink_to("nowhere")
    first, fault, last = read_digests(FolderPictures(root), 2, progress)
    for name, digest in (("000.png", first), ("002.png", last)):
        assert digest == hashlib.sha256((root / name).read_bytes()).hexdigest()
    assert isinstance(fault, BadImageError)


def test_pictures_come_with_their_pixels_and_what_was_seen(numbered, read):
    found = list(read(numbered(5)))
    assert [(one.index, one.name, one.pixels[0, 0, 0]) for one in found] == [
        (n, f"{n:03d}.png of folder:images", n) for n in range(5)
    ]
    assert {(one.seen.width, one.seen.height, one.seen.format) for one in found} == {(4, 6, "PNG")}


def test_a_picture_that_cannot_be_decoded_comes_without_pixels(numbered, read):
    root = numbered(2)
    (root / "000.png").write_bytes(b"no picture")
    bad, good = read(root)
    assert (bad.pixels, bad.seen.fault) == (None, "it is not an image that Pillow can read")
    assert good.pixels is not None


def test_fewer_large_pictures_are_prepared_ahead(numbered, read, monkeypatch):
    begun = []
    decode = FolderPictures.decode
    monkeypatch.setattr(
        FolderPictures, "decode", lambda self, *args: begun.append(1) or decode(self, *args)
    )
    monkeypatch.setattr(prepare, "MOST_AHEAD_BYTES", 3 * 4 * 6 * 3)  # three of these pictures
    stream = read(numbered(60), ahead=50)
    for taken in range(1, 41):
        next(stream)
        assert len(begun) <= taken + 3
    stream.close()
