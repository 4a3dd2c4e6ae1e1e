"""Mirrors rqbench/memory.py."""

import torch

from rqbench.memory import PeakMemory


def test_the_peak_counts_what_was_held_and_freed_again():
    memory = PeakMemory("cpu")
    before = memory.read()
    # Where the peak cannot be measured anew, only more than all that was ever held shows
    held = torch.ones(before, dtype=torch.uint8)
    del held
    assert memory.read() >= before + (48 << 20)


def test_the_peak_of_a_resumed_run_is_no_less_than_before_the_interruption():
    assert PeakMemory("cpu", at_least=1 << 60).read() == 1 << 60
