"""Mirrors rqbench/sample/blocks.py."""

from functools import partial

import pytest
import torch

from rqbench.prior import Prior
from rqbench.sample import Request, blocks, sample
from rqbench.sample import folder as folder_module
from rqbench.sample.blocks import draw_blocks, gather, probabilities
from rqbench.sample.folder import SampleFolder
from rqbench.seed import derive_seed


def draw(system, request, folder, progress, count=6, wanted=None, judge=None):
    into = SampleFolder(folder, {"seed": request.seed})
    return draw_blocks(system, request, wanted, count, into, "cpu", progress, judge)


def test_image_i_is_drawn_from_the_seed_and_i_whatever_the_batch(trained, tmp_path, progress):
    layout = trained.prior.layout
    together = trained.prior.sample(6, derive_seed(3, "samples"), trained.sampling)
    for batch in (2, 4, 6):
        request = Request(seed=3, batch=batch)
        paths = draw(trained, request, tmp_path / str(batch), progress)
        assert len(paths) == -(-6 // batch)
        assert torch.equal(gather(paths, layout).values, together.values)


def test_images_get_their_classes_in_turn(labelled, tmp_path, progress):
    asked = []

    def judge(codes, labels):
        asked.append(labels.tolist())
        return labels.double()

    wanted = torch.tensor([[1], [0]])
    paths = draw(labelled, Request(batch=3), tmp_path, progress, 5, wanted, judge)
    assert asked == [[1, 0, 1], [0, 1]]
    assert probabilities(paths).tolist() == [1, 0, 1, 0, 1]
    condition = torch.tensor([[1], [0], [1], [0], [1]])
    expected = labelled.prior.sample(5, derive_seed(0, "samples"), labelled.sampling, condition)
    assert torch.equal(gather(paths, labelled.prior.layout).values, expected.values)


def test_what_is_on_disk_is_not_drawn_again_unless_it_is_damaged(trained, tmp_path, progress):
    request = Request(batch=2)
    paths = draw(trained, request, tmp_path, progress)
    before = [path.read_bytes() for path in paths]
    times = [path.stat().st_mtime_ns for path in paths]
    paths[1].write_bytes(before[1][:-1])
    draw(trained, request, tmp_path, progress)
    assert [path.read_bytes() for path in paths] == before
    assert [path.stat().st_mtime_ns for path in paths][::2] == times[::2]


@pytest.mark.parametrize("kept", [[4, 0, 3], [5], [0, 1, 2, 3, 4, 5]])
def test_kept_images_come_in_the_order_asked_for(trained, tmp_path, progress, kept):
    paths = draw(trained, Request(batch=2), tmp_path, progress)
    whole = gather(paths, trained.prior.layout)
    some = gather(paths, trained.prior.layout, torch.tensor(kept))
    assert torch.equal(some.values, whole.values[kept])


class Side:
    """Stands in for the side stream of a GPU: work is done when the next piece comes."""

    def __init__(self, log, device):
        self.log, self.queued = log, None
        assert device == "cuda"

    def add(self, work, reads, take):
        self.end()
        self.log.append(f"queue {len(reads[0])}")
        self.queued = lambda: take(work())

    def end(self):
        if self.queued is not None:
            self.log.append("fetch")
            self.queued()
            self.queued = None


@pytest.fixture
def log(monkeypatch):
    """What is drawn, and what a device called CUDA is given beside that."""
    told, whole = [], Prior.sample

    def drawn(self, num_images, seed, sampling, condition, first_image):
        told.append(f"draw {first_image}")
        return whole(self, num_images, seed, sampling, condition, first_image)

    monkeypatch.setattr(Prior, "sample", drawn)
    monkeypatch.setattr(blocks, "Beside", partial(Side, told))
    return told


def test_on_cuda_a_block_is_decoded_while_the_next_one_is_drawn(
    trained, tmp_path, spoken, log, monkeypatch
):
    request = Request(num=5, batch=2)
    sample(trained, request, tmp_path / "alone", spoken)
    assert log == ["draw 0", "draw 2", "draw 4"]
    log.clear()
    monkeypatch.setattr(folder_module, "decode", None)  # nothing is left to decode
    sample(trained, request, tmp_path / "beside", spoken, "cuda")
    assert log == [
        "draw 0", "queue 2", "draw 2", "fetch", "queue 2", "draw 4", "fetch", "queue 1", "fetch",
    ]  # fmt: skip
    pictures = [
        {path.name: path.read_bytes() for path in (tmp_path / name / "images").rglob("*.png")}
        for name in ("alone", "beside")
    ]
    assert len(pictures[0]) == 5
    assert pictures[0] == pictures[1]
    assert not (tmp_path / "beside" / "decoded").exists()


def test_candidates_that_are_judged_are_not_decoded_beside(trained, tmp_path, progress, log):
    def judge(codes, labels):
        return labels.double()

    into = SampleFolder(tmp_path, {"seed": 0})
    draw_blocks(trained, Request(batch=2), None, 4, into, "cuda", progress, judge)
    assert log == ["draw 0", "draw 2"]


def test_what_was_decoded_and_is_damaged_is_not_read(tmp_path):
    into = SampleFolder(tmp_path, {"seed": 0})
    images = torch.arange(24, dtype=torch.uint8).view(2, 3, 2, 2)
    into.save_images(4, images)
    assert torch.equal(into.read_images(4, 2), images)
    assert into.read_images(4, 1) is None
    (path,) = into.decoded.iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    assert into.read_images(4, 2) is None
