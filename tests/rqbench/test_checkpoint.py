"""Mirrors rqbench/checkpoint.py."""

import pytest
import torch
from torch import nn

from rqbench.checkpoint import load_checkpoint, load_tensors, save_checkpoint, save_tensors
from rqbench.errors import DamagedFileError


def test_tensors_and_facts_come_back(tmp_path):
    base = torch.arange(6.0).view(2, 3)
    tensors = {
        "shared": base, "again": base, "a/view": base.T, "part": base[1:], "empty": base[:0],
        "count": torch.tensor(3), "repeated": base[0, 0].expand(4),
    }  # fmt: skip
    save_tensors(tmp_path / "t", tensors, {"step": 4, "log": [{"loss": 0.5}]})
    found, facts = load_tensors(tmp_path / "t")
    assert facts == {"step": 4, "log": [{"loss": 0.5}]}
    assert found.keys() == tensors.keys()
    assert all(torch.equal(found[name], tensors[name]) for name in tensors)


def test_equal_tensors_are_equal_files_with_facts_in_the_order_given(tmp_path):
    for index in range(20):
        save_tensors(
            tmp_path / str(index), {"a": torch.ones(2), "b": torch.ones(1)}, {"z": 1, "a": 2}
        )
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1
    assert list(load_tensors(tmp_path / "0")[1]) == ["z", "a"]


def test_a_full_disk_is_an_error_of_the_system_and_leaves_nothing(full_disk, tmp_path):
    with full_disk(), pytest.raises(OSError, match=r"weights cannot be written: .*too large"):
        save_tensors(tmp_path / "weights", {"a": torch.ones(10_000)}, {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [0, 4, 50, -1])
def test_a_file_cut_short_is_named(tmp_path, size):
    path = tmp_path / "weights"
    save_tensors(path, {"a": torch.ones(100)}, {})
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(DamagedFileError, match="weights cannot be read as safetensors"):
        load_tensors(path)


def test_a_flipped_bit_is_found(tmp_path):
    path = tmp_path / "weights"
    save_tensors(path, {"a": torch.ones(100)}, {})
    sound = path.read_bytes()
    path.write_bytes(sound[:-7] + bytes([sound[-7] ^ 1]) + sound[-6:])
    with pytest.raises(DamagedFileError, match="does not hold the tensors that were written"):
        load_tensors(path)


def fresh() -> tuple[nn.Module, torch.optim.Optimizer]:
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    groups = [{"params": [p]} for p in model.parameters()]
    return model, torch.optim.AdamW(groups, lr=0.1)


def take_step(model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    torch.manual_seed(1)
    optimizer.zero_grad()
    model(torch.randn(4, 2)).square().sum().backward()
    optimizer.step()


def test_a_checkpoint_brings_back_weights_buffers_and_moments(tmp_path):
    model, optimizer = fresh()
    take_step(model, optimizer)
    save_checkpoint(tmp_path / "c", {"model": model}, {"moments": optimizer}, {"step": 1})
    other, its_optimizer = fresh()
    facts = load_checkpoint(tmp_path / "c", {"model": other}, {"moments": its_optimizer})
    assert facts == {"step": 1}
    for each in ((model, optimizer), (other, its_optimizer)):
        take_step(*each)  # equal only where the moments and the step count are
    ours, theirs = model.state_dict(), other.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
