"""Mirrors rqbench/seed.py."""

import hashlib

import torch

from rqbench.seed import derive_seed, generator


def test_a_seed_is_the_first_63_bits_of_a_hash():
    digest = hashlib.sha256(b"0\x1fcrops").hexdigest()
    assert derive_seed(0, "crops") == int(digest[:16], 16) // 2


def test_seeds_of_different_purposes_differ_even_where_their_text_runs_together():
    seeds = {derive_seed(1, 23), derive_seed(12, 3), derive_seed("123"), derive_seed(1, 2, 3)}
    assert len(seeds) == 4


def test_a_generator_depends_on_its_parts_and_not_on_what_was_drawn_before():
    first = torch.rand(3, generator=generator(0, "a"))
    torch.rand(5)
    assert torch.equal(torch.rand(3, generator=generator(0, "a")), first)
    assert not torch.equal(torch.rand(3, generator=generator(0, "b")), first)
