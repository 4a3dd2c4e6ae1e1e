"""Mirrors rqbench_priors/decoding/arriving.py."""

import torch

from rqbench_priors.decoding.arriving import Arriving


def test_numbers_of_a_cpu_are_there_at_once_and_are_told_once():
    arriving = Arriving(3, torch.device("cpu"))
    assert arriving.take() is None
    numbers = torch.tensor([4, 5])
    arriving.send(numbers)
    numbers += 1  # what the device does next changes nothing
    assert arriving.take() == [4, 5]
    assert arriving.take() is None
    arriving.send(numbers)
    assert arriving.take() == [5, 6]


class Event:
    def __init__(self) -> None:
        self.is_there = False

    def query(self) -> bool:
        return self.is_there


def test_nothing_is_told_and_nothing_else_sent_while_numbers_are_on_their_way():
    arriving = Arriving(2, torch.device("cpu"))
    arriving.send(torch.tensor([7, 8]))
    arriving.event = Event()
    assert arriving.take() is None
    arriving.send(torch.tensor([9]))
    assert arriving.take() is None
    arriving.event.is_there = True
    assert arriving.take() == [7, 8]
