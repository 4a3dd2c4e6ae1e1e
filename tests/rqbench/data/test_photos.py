"""Mirrors rqbench/data/photos.py."""

from collections import Counter

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image

from rqbench.data import DataConfig, open_data
from rqbench.data import photos as module
from rqbench.data.photo_files import PhotoFile
from rqbench.data.spread import FLAT, contrast
from rqbench.errors import DataError


@pytest.fixture(scope="module")
def photos():
    return open_data(DataConfig(resolution=32, held_out=100))


@pytest.fixture
def painted(tmp_path, monkeypatch):
    """One photograph: red only where training may look, green only where it is held out."""
    width, height = 300, 200
    pixels = np.random.default_rng(0).integers(100, 255, (height, width, 3), dtype=np.uint8)
    pixels[:, :75, 0] = 0
    pixels[:, 75 + 24 :, 1] = 0
    pixels[:, :, 2] = 0
    Image.fromarray(pixels).save(tmp_path / "painted.png")
    file = PhotoFile("skimage", "painted.png", "left")
    monkeypatch.setattr(module, "locate", lambda _: ({file: tmp_path / "painted.png"}, ()))
    return tmp_path / "painted.png"


def test_crops_are_a_function_of_seed_and_index(photos):
    together = photos.training_crops(3, range(8)).images
    alone = [photos.training_crops(3, [index]).images[0] for index in (6, 1)]
    assert together[[6, 1]].equal(alone[0].new_tensor(np.stack(alone)))
    assert not photos.training_crops(4, range(8)).images.equal(together)


def test_training_and_held_out_crops_share_no_source_pixel(painted):
    data = open_data(DataConfig(resolution=32, held_out=20))
    training, held_out = data.training_crops(0, range(200)).images, data.held_out().images
    assert training[:, 0].amin() > 0 and training[:, 1].amax() == 0
    assert held_out[:, 0].amax() == 0 and held_out[:, 1].amin() > 0


def test_a_crop_at_scale_one_is_a_slice_of_the_file(painted):
    data = open_data(DataConfig(resolution=32, held_out=4, scales=(1.0,), flip=False))
    source = np.asarray(Image.open(painted)).transpose(2, 0, 1)
    slices = {cut.tobytes() for row in sliding_window_view(source, (3, 32, 32))[0] for cut in row}
    crops = data.training_crops(0, range(3)).images.numpy()
    assert {crop.tobytes() for crop in crops} <= slices


def test_flips_mirror_about_half_of_the_same_crops():
    flipped, plain = (
        open_data(DataConfig(resolution=32, held_out=9, flip=flip)).training_crops(0, range(200))
        for flip in (True, False)
    )
    mirrored = (flipped.images == plain.images.flip(-1)).flatten(1).all(dim=1)
    same = (flipped.images == plain.images).flatten(1).all(dim=1)
    assert (mirrored | same).all()
    assert 70 < mirrored.sum() < 130


def test_held_out_crops_are_distinct_and_evenly_spread(photos):
    held_out = photos.held_out()
    assert held_out.images.shape == (100, 3, 32, 32) and held_out.labels is None
    assert len({image.numpy().tobytes() for image in held_out.images}) == 100
    counts = Counter(held_out.clusters)
    assert len(counts) == 9 and set(counts.values()) == {11, 12}
    assert len(set(held_out.clusters[:9])) == 9


def test_held_out_crops_are_not_flat_and_few_training_crops_are(photos):
    def spread(images):
        return np.array([contrast(image, 32) for image in images.numpy()])

    assert spread(photos.held_out().images).min() >= FLAT
    assert (spread(photos.training_crops(0, range(300)).images) < FLAT).mean() < 0.01


def test_every_photograph_and_scale_comes_up_in_training(photos):
    seen = set()
    for photo in np.linspace(0, 0.999, 9):
        for scale in np.linspace(0, 0.999, 4):
            seen.add(photos._crop(photo, scale, 0.999, 0.999).tobytes())
    assert len(seen) == 36


def test_large_crops_enlarge_what_is_too_small():
    data = open_data(DataConfig(resolution=256, held_out=30))
    assert data.training_crops(0, range(9)).images.shape == (9, 3, 256, 256)
    assert data.held_out().images.shape == (30, 3, 256, 256)


def test_more_held_out_crops_than_there_is_room_for_is_an_error_with_the_number():
    with pytest.raises(
        DataError, match=r"room for \d+ crops of 512 x 512 .*held_out to \d+ or less"
    ):
        open_data(DataConfig(resolution=512, held_out=5000))


def test_the_digest_follows_content_and_rules(photos, painted):
    config = DataConfig(resolution=32, held_out=10)
    before = open_data(config)
    assert before.digest == open_data(config).digest != photos.digest
    for change in ({"flip": False}, {"scales": (1.0,)}, {"resolution": 16}, {"held_out": 11}):
        assert open_data(config.model_copy(update=change)).digest != before.digest
    assert open_data(config.model_copy(update={"workers": 2})).digest == before.digest
    picture = Image.open(painted).convert("RGB")
    picture.putpixel((200, 100), (1, 2, 3))
    picture.save(painted)
    assert open_data(config).digest != before.digest


def test_names_say_what_it_is(photos):
    assert (photos.name, photos.split, photos.class_names) == ("photos", "in-scene", None)
    assert photos.skipped == ()
