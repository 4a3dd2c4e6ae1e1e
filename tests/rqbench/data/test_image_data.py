"""Mirrors rqbench/data/image_data.py."""

import pytest
import torch

from rqbench.data import BadImageError, DataConfig, open_data

# A machine with one core warns of the second process.
pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create:UserWarning")


def test_step_s_holds_its_own_indices_wherever_the_stream_begins(tmp_path, write):
    for nth in range(6):
        write(f"{nth}.png", nth, (16, 16))
    data = open_data(DataConfig(source=str(tmp_path), resolution=16))
    whole = list(data.stream(1, batch_size=4, first_step=0, num_steps=5, workers=0))
    resumed = list(data.stream(1, batch_size=4, first_step=3, num_steps=2, workers=0))
    assert [batch.images.shape[0] for batch in whole] == [4] * 5
    assert all(a.images.equal(b.images) for a, b in zip(whole[3:], resumed, strict=True))
    assert whole[2].images.equal(data.training_crops(1, range(8, 12)).images)


def test_a_step_holds_the_crops_that_were_chosen_for_it(tmp_path, write):
    for nth in range(6):
        write(f"{nth}.png", nth, (16, 16))
    data = open_data(DataConfig(source=str(tmp_path), resolution=16))
    rows = {2: [5, 0, 3], 3: [1, 1]}
    batches = data.stream_chosen(1, rows.__getitem__, first_step=2, num_steps=2, workers=0)
    for step, batch in enumerate(batches, start=2):
        assert batch.images.equal(data.training_crops(1, rows[step]).images)


@pytest.mark.slow
def test_two_processes_change_no_byte_and_no_other_draw(tmp_path, write):
    for nth in range(6):
        write(f"{'ab'[nth % 2]}/{nth}.png", nth)
    data = open_data(DataConfig(source=str(tmp_path), resolution=16))
    alone = list(data.stream(2, batch_size=3, first_step=1, num_steps=5, workers=0))
    state = torch.get_rng_state()
    shared = list(data.stream(2, batch_size=3, first_step=1, num_steps=5, workers=2))
    assert torch.get_rng_state().equal(state)
    assert len(shared) == 5
    for expected, batch in zip(alone, shared, strict=True):
        assert batch.images.equal(expected.images) and batch.labels.equal(expected.labels)


@pytest.mark.slow
def test_photographs_travel_to_one_process_unchanged():
    data = open_data(DataConfig(resolution=16, held_out=9, scales=(2.0,)))
    batches = list(data.stream(0, batch_size=8, first_step=0, num_steps=2, workers=1))
    images = torch.cat([batch.images for batch in batches])
    assert images.equal(data.training_crops(0, range(16)).images) and batches[0].labels is None


def test_a_file_that_vanishes_is_named_without_a_traceback(tmp_path, write, monkeypatch):
    paths = [write(f"{nth}.png", nth, (16, 16)) for nth in range(3)]
    data = open_data(DataConfig(source=str(tmp_path), resolution=16))
    for path in paths:
        path.unlink()
    monkeypatch.setattr(  # what the real one does, without the seconds of starting a process
        "rqbench.data.image_data.DataLoader",
        lambda crops, sampler, **_: map(crops.__getitem__, sampler),
    )
    for workers in (0, 1):
        with pytest.raises(BadImageError, match=r"^\d\.png cannot be used: no such file"):
            next(data.stream(0, batch_size=2, first_step=0, num_steps=1, workers=workers))
