"""Mirrors rqbench/importing/locate.py."""

import pytest

from rqbench.errors import CheckpointError
from rqbench.importing.locate import locate


@pytest.fixture
def files(tmp_path):
    """Makes empty files and gives their folder."""

    def make(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        return tmp_path

    return make


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["model.pt", "config.yaml"], ["model.pt"]),
        (["checkpoints/last.ckpt", "checkpoints/epoch=1.ckpt"], ["checkpoints/last.ckpt"]),
        (["ckpts/last.ckpt", "configs/1-project.yaml"], ["ckpts/last.ckpt"]),
        (["checkpoints/epoch=1.ckpt"], ["checkpoints/epoch=1.ckpt"]),
        (["a.ckpt", "last.ckpt"], ["last.ckpt"]),
        (["stage1/model.pt", "stage2/model.pt"], ["stage1/model.pt", "stage2/model.pt"]),
        (["stage1/model.pt", "stage1/config.yaml"], ["stage1/model.pt"]),
    ],
)
def test_the_weights_of_a_download_or_a_run_are_found(files, names, found):
    folder = files(*names)
    assert locate(folder) == tuple(folder / name for name in found)
    assert locate(folder / found[0]) == (folder / found[0],)


@pytest.mark.parametrize(
    ("said", "names"),
    [
        (r"several checkpoints: \S*a\.pt, \S*b\.ckpt\. Name one", ["a.pt", "b.ckpt"]),
        ("several checkpoints", ["stage1/a.pt", "stage1/b.pt", "stage2/model.pt"]),
        (r"no checkpoint .* Deeper below lie \S*one/stage1/model\.pt", ["one/stage1/model.pt"]),
        ("holds no checkpoint", ["readme.txt"]),
        ("a model folder of rqbench already", ["model.json", "model.safetensors"]),
    ],
)
def test_a_folder_in_which_none_or_several_are_meant_is_told(files, said, names):
    with pytest.raises(CheckpointError, match=said):
        locate(files(*names))


def test_a_path_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CheckpointError, match=r"There is no .*gone"):
        locate(tmp_path / "gone")
