"""Mirrors rqbench/sample/blocks.py."""

import pytest
import torch

from rqbench.sample import Request
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
