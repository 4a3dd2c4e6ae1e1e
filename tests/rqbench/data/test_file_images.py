"""Mirrors rqbench/data/file_images.py."""

import numpy as np
import pytest
from PIL import Image

from rqbench.data import BadImageError, DataConfig, open_data, read_image
from rqbench.data.file_images import epoch_order
from rqbench.errors import DataError


@pytest.fixture
def folder(tmp_path, write):
    """Ten squares in two classes; noise of the size of a crop, so that crops are the files."""
    for nth in range(10):
        write(f"{'cat' if nth % 2 else 'dog'}/{nth}.png", nth, (16, 16))
    return tmp_path


def config(folder, **changes):
    return DataConfig(source=str(folder), resolution=16, flip=False, **changes)


def test_each_epoch_visits_every_training_file_once_with_its_label(folder):
    data = open_data(config(folder))
    files = {
        read_image(path).numpy().tobytes(): ("cat", "dog").index(path.parent.name)
        for path in folder.glob("*/*.png")
    }
    held_out = data.held_out()
    assert held_out.images.shape == (1, 3, 16, 16)
    for first in (0, 9, 18):
        batch = data.training_crops(5, range(first, first + 9))
        seen = {image.numpy().tobytes() for image in batch.images}
        assert seen == files.keys() - {held_out.images[0].numpy().tobytes()}
        assert batch.labels.tolist() == [files[image.numpy().tobytes()] for image in batch.images]


def test_epochs_and_seeds_have_orders_of_their_own():
    orders = [epoch_order(seed, epoch, 50).tolist() for seed in (0, 1) for epoch in (0, 1)]
    assert all(sorted(order) == list(range(50)) for order in orders)
    assert len(set(map(tuple, orders))) == 4


def test_crops_are_a_function_of_seed_and_index(folder):
    data, again = open_data(config(folder)), open_data(config(folder))
    together = data.training_crops(3, range(30))
    for index in (29, 0, 13):
        alone = again.training_crops(3, [index])
        assert alone.images[0].equal(together.images[index])
        assert alone.labels[0] == together.labels[index]


def test_the_shorter_side_is_resized_and_the_held_out_crop_is_the_centre(tmp_path, write):
    for nth in range(2):
        write(f"{nth}.png", nth, (60, 32))
    data = open_data(config(tmp_path, held_out_share=0.5))
    (name,) = data.held_out().clusters
    resized = Image.open(tmp_path / name).resize((30, 16), Image.Resampling.LANCZOS)
    centre = np.asarray(resized)[:, 7:23].transpose(2, 0, 1)
    assert data.held_out().images[0].numpy().tolist() == centre.tolist()


def test_training_crops_move_along_the_longer_side_and_flip(tmp_path, write):
    for nth in range(2):
        write(f"{nth}.png", nth, (24, 16))
    data = open_data(DataConfig(source=str(tmp_path), resolution=16, held_out_share=0.5))
    (held_out,) = data.held_out().clusters
    source = read_image(tmp_path / ("1.png" if held_out == "0.png" else "0.png"))
    cuts = {}
    for left in range(9):
        cut = source[:, :, left : left + 16]
        cuts[cut.numpy().tobytes()] = left, False
        cuts[cut.flip(-1).numpy().tobytes()] = left, True
    seen = {cuts[crop.numpy().tobytes()] for crop in data.training_crops(0, range(300)).images}
    assert len(seen) == 18


def test_a_bad_file_is_named_at_once_and_others_are_counted(folder):
    (folder / "cat" / "a.png").write_bytes(b"")
    (folder / "cat" / "b.png").write_bytes(b"nothing")
    with pytest.raises(
        BadImageError, match=r"^cat/a\.png cannot be used: the file is empty; 1 more"
    ):
        open_data(config(folder))


def test_skip_bad_lists_what_it_left_out_and_changes_nothing_else(folder, write):
    clean = open_data(config(folder))
    (folder / "cat" / "a.png").write_bytes(b"")
    write("dog/point.png", size=(1, 1))
    data = open_data(config(folder, skip_bad=True))
    assert data.skipped == (
        "cat/a.png: the file is empty",
        "dog/point.png: 1 x 1 pixels are too small for crops of 16 "
        "(the shorter side must be 4 or more)",
    )
    assert data.digest == clean.digest
    assert data.training_crops(0, range(9)).images.equal(clean.training_crops(0, range(9)).images)


def test_equal_files_never_stand_on_both_sides(tmp_path, write):
    for nth in range(12):
        write(f"{nth}.png", nth % 3, (16, 16))
    data = open_data(config(tmp_path, held_out_share=0.1))
    held_out = {image.numpy().tobytes() for image in data.held_out().images}
    training = {image.numpy().tobytes() for image in data.training_crops(0, range(8)).images}
    assert len(held_out) == 1 and len(training) == 2 and not held_out & training


def test_a_test_folder_is_held_out_whole_up_to_the_limit(tmp_path, write):
    for nth in range(6):
        write(f"{'test' if nth % 2 else 'train'}/{nth}.png", nth, (16, 16))
    data = open_data(config(tmp_path))
    assert data.split == "test-folder" and data.class_names is None
    assert sorted(data.held_out().clusters) == ["test/1.png", "test/3.png", "test/5.png"]
    assert len(open_data(config(tmp_path, held_out=2)).held_out().images) == 2


def test_a_folder_of_one_image_has_nothing_to_train_on(tmp_path, write):
    write("1.png", size=(16, 16))
    with pytest.raises(DataError, match="1 usable images, of which 0 are for training"):
        open_data(config(tmp_path))


def test_a_folder_of_bad_images_alone_is_a_clear_error(tmp_path):
    (tmp_path / "1.png").write_bytes(b"")
    with pytest.raises(DataError, match="0 usable images"):
        open_data(config(tmp_path, skip_bad=True))


def test_the_digest_follows_content_labels_and_rules_but_not_place(folder, write):
    before = open_data(config(folder)).digest
    assert open_data(config(folder, workers=1)).digest == before
    assert open_data(config(folder, held_out_share=0.5)).digest != before
    assert open_data(config(folder, labels=False)).digest != before
    moved = folder.rename(folder.with_name("elsewhere"))
    assert open_data(config(moved)).digest == before
    moved.rename(folder)
    write("dog/0.png", 99, (16, 16))
    assert open_data(config(folder)).digest != before


def test_memory_is_bounded_and_changes_no_crop(folder, monkeypatch):
    kept = open_data(config(folder))
    crops = kept.training_crops(0, range(18)).images
    monkeypatch.setattr("rqbench.data.file_images.KEEP_BYTES", 3 * 16 * 16 * 2)
    bounded = open_data(config(folder))
    assert bounded.training_crops(0, range(18)).images.equal(crops)
    assert (len(kept._kept), len(bounded._kept)) == (9, 2)
