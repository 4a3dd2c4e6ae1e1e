"""Mirrors rqbench/data/huggingface.py. Nothing here needs a network."""

import pickle
import sys

import numpy as np
import pytest
from PIL import Image

from rqbench.data import DataConfig, open_data, read_image
from rqbench.errors import DataError, UnsupportedError

SQUARES = [
    Image.fromarray(np.random.default_rng(nth).integers(0, 256, (16, 16, 3), dtype=np.uint8))
    for nth in range(6)
]


@pytest.fixture
def hf(tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))
    return datasets


def table(datasets, pictures, first_label=0):
    features = datasets.Features(
        {"words": datasets.Value("string"), "pixels": datasets.Image()}
        | {"kind": datasets.ClassLabel(names=["even", "odd"])}
    )
    labels = [-1 if first_label < 0 else nth % 2 for nth in range(len(pictures))]
    columns = {"words": ["w"] * len(pictures), "pixels": pictures, "kind": labels}
    return datasets.Dataset.from_dict(columns, features=features)


def config(path, splits="", **changes):
    return DataConfig(source=f"hf:{path}{splits}", resolution=16, flip=False, **changes)


def test_a_saved_table_gives_its_pixels_and_labels(hf, tmp_path):
    table(hf, SQUARES).save_to_disk(tmp_path / "squares")
    data = open_data(config(tmp_path / "squares"))
    assert (data.name, data.split, data.class_names) == (
        "hf:squares",
        "held-out-files",
        ("even", "odd"),
    )
    batch, held_out = data.training_crops(0, range(5)), data.held_out()
    numbers = {
        np.asarray(square).transpose(2, 0, 1).tobytes(): n for n, square in enumerate(SQUARES)
    }
    seen = [numbers[image.numpy().tobytes()] for image in (*batch.images, *held_out.images)]
    assert sorted(seen) == list(range(6))
    assert [*batch.labels, *held_out.labels] == [number % 2 for number in seen]
    assert held_out.clusters == (f"train[{seen[-1]}]",)
    in_a_worker = pickle.loads(pickle.dumps(data))
    assert in_a_worker.training_crops(0, range(5)).images.equal(batch.images)


def test_splits_are_respected_and_can_be_chosen(hf, tmp_path):
    splits = {"train": table(hf, SQUARES[:3]), "test": table(hf, SQUARES[3:5])}
    splits["extra"] = table(hf, SQUARES[5:])
    hf.DatasetDict(splits).save_to_disk(tmp_path / "squares")
    data = open_data(config(tmp_path / "squares"))
    assert data.split == "test-folder"
    assert sorted(data.held_out().clusters) == ["test[0]", "test[1]"]
    chosen = open_data(config(tmp_path / "squares", "#test,extra"))
    assert chosen.held_out().clusters == ("extra[0]",)
    with pytest.raises(DataError, match=r"no split 'tset'\. Did you mean 'test'"):
        open_data(config(tmp_path / "squares", "#train,tset"))


def test_labels_may_be_left_aside_and_missing_ones_are_an_error(hf, tmp_path):
    table(hf, SQUARES, first_label=-1).save_to_disk(tmp_path / "squares")
    with pytest.raises(DataError, match=r"rows without a label in 'kind'.*labels to false"):
        open_data(config(tmp_path / "squares"))
    assert open_data(config(tmp_path / "squares", labels=False)).class_names is None


def test_a_row_without_an_image_is_a_bad_file(hf, tmp_path):
    table(hf, [*SQUARES[:3], None]).save_to_disk(tmp_path / "squares")
    with pytest.raises(DataError, match=r"^train\[3\] cannot be used: the row has no image"):
        open_data(config(tmp_path / "squares"))
    assert len(open_data(config(tmp_path / "squares", skip_bad=True)).skipped) == 1


def test_a_folder_of_class_folders_loads_too(hf, tmp_path, write):
    for nth in range(4):
        write(f"pictures/{'ab'[nth % 2]}/{nth}.png", nth, (16, 16))
    data = open_data(config(tmp_path / "pictures"))
    assert data.class_names == ("a", "b")
    crops = {image.numpy().tobytes() for image in data.training_crops(0, range(3)).images}
    assert crops <= {read_image(p).numpy().tobytes() for p in tmp_path.glob("pictures/*/*.png")}


def test_a_table_without_images_is_a_clear_error(hf, tmp_path):
    hf.Dataset.from_dict({"words": ["a"]}).save_to_disk(tmp_path / "words")
    with pytest.raises(DataError, match="no column of the feature type Image"):
        open_data(config(tmp_path / "words"))


def test_a_name_that_cannot_be_loaded_is_said_in_one_line(hf, monkeypatch):
    def fail(*_):
        raise ConnectionError("the hub is far\nand more")

    monkeypatch.setattr("datasets.load_dataset", fail)
    with pytest.raises(DataError, match="'a/b' cannot be loaded: the hub is far Check") as caught:
        open_data(config("a/b"))
    assert "\n" not in str(caught.value)


def test_without_the_package_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(UnsupportedError, match=r'pip install "rqbench\[hf\]"'):
        open_data(config("a/b"))


def test_a_source_of_another_form_is_an_error():
    with pytest.raises(DataError, match=r"hf:NAME\[:SUBSET\]"):
        open_data(config(""))
