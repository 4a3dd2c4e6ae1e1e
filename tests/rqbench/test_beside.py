"""Mirrors rqbench/beside.py. No test has a GPU: its streams are stubs that write down the order of
things."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
import torch
from torch import Tensor

from rqbench import beside
from rqbench.beside import Beside


def tens(log: list[str], codes: Tensor) -> Tensor:
    log.append(f"decode {codes.item()}")
    return codes * 10


class Main:
    """A stream that nobody may hold up."""

    name = "main"


class Side:
    name = "side"

    def __init__(self, log: list[str]) -> None:
        self.log = log

    def wait_stream(self, other: Main) -> None:
        self.log.append(f"side waits for {other.name}")


class Event:
    def __init__(self, log: list[str], number: int) -> None:
        self.log, self.number = log, number

    def record(self, stream: Side) -> None:
        self.log.append(f"event {self.number} on {stream.name}")

    def synchronize(self) -> None:
        self.log.append(f"host waits for event {self.number}")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What stubs of CUDA's streams are told."""
    told: list[str] = []
    events = iter(range(9))

    @contextmanager
    def on(stream: Side) -> Iterator[None]:
        told.append(f"{stream.name} begins")
        yield
        told.append(f"{stream.name} ends")

    def pinned_like(tensor: Tensor) -> Tensor:
        told.append("pinned")
        return torch.zeros_like(tensor)

    monkeypatch.setattr(torch.cuda, "Stream", lambda device: Side(told))
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: Main())
    monkeypatch.setattr(torch.cuda, "stream", on)
    monkeypatch.setattr(torch.cuda, "Event", lambda: Event(told, next(events)))
    monkeypatch.setattr(beside, "_pinned_like", pinned_like)
    monkeypatch.setattr(
        Tensor,
        "record_stream",
        lambda tensor, stream: told.append(f"{stream.name} keeps {tensor.item()}"),
    )
    return told


def queued(number: int) -> list[str]:
    return [
        "side waits for main", f"side keeps {number}", "side begins", f"decode {number}", "pinned",
        f"event {number} on side", "side ends",
    ]  # fmt: skip


def test_on_cuda_the_host_asks_for_a_batch_when_the_next_one_is_drawn(log: list[str]) -> None:
    decoded = Beside("cuda")
    for number in range(3):
        log.append(f"draw {number}")
        codes = torch.tensor([number])
        decoded.add(partial(tens, log, codes), [codes])
    assert [images.tolist() for images in decoded.results()] == [[0], [10], [20]]
    assert log == [
        "draw 0", *queued(0),
        "draw 1", "host waits for event 0", *queued(1),
        "draw 2", "host waits for event 1", *queued(2),
        "host waits for event 2",
    ]  # fmt: skip


def test_who_takes_a_result_gets_it_before_the_next_work_is_queued(log: list[str]) -> None:
    decoded = Beside("cuda")
    for number in range(2):
        codes = torch.tensor([number])
        decoded.add(
            partial(tens, log, codes), [codes], lambda images: log.append(f"got {images.item()}")
        )
    decoded.end()
    decoded.end()  # nothing is left
    assert decoded.results() == []
    assert log == [
        *queued(0), "host waits for event 0", "got 0", *queued(1), "host waits for event 1",
        "got 10",
    ]  # fmt: skip


def test_what_is_fetched_lies_in_memory_of_its_own(
    log: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The allocator of pinned memory gives the same piece again and again."""
    pinned = torch.zeros(1, dtype=torch.int64)
    monkeypatch.setattr(beside, "_pinned_like", lambda tensor: pinned)
    decoded = Beside("cuda")
    for number in range(3):
        decoded.add(partial(tens, log, torch.tensor([number])), [])
    assert [images.tolist() for images in decoded.results()] == [[0], [10], [20]]


def test_on_a_cpu_work_is_done_at_once_and_in_order() -> None:
    log: list[str] = []
    decoded = Beside("cpu")
    for number in range(2):
        log.append(f"draw {number}")
        decoded.add(partial(tens, log, torch.tensor([number])), [])
    assert log == ["draw 0", "decode 0", "draw 1", "decode 1"]
    assert [images.tolist() for images in decoded.results()] == [[0], [10]]
    assert log == ["draw 0", "decode 0", "draw 1", "decode 1"]
