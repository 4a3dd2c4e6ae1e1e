"""Mirrors rqbench/sample/share.py; two processes draw at once in the last test."""

import sys
from multiprocessing import get_context
from pathlib import Path

import pytest
import torch
from rich.console import Console

from rqbench.cli import main
from rqbench.errors import ConfigError
from rqbench.models import save_model
from rqbench.plugins import find
from rqbench.sample import Request, Share, draw_share, load_system, parse_share, sample
from rqbench.sample.system import SystemEntry, write_system

PAIRS = [
    ("vq", "raster"), ("rq", "depth-stacked"), ("dq", "coarse-to-fine"), ("dq", "dq-transformer"),
]  # fmt: skip
BATCH, NUM = 4, 18  # four whole blocks and a short one


def draw_through_the_command(share: str, systems: list[Path]) -> None:
    """In a process of its own; a command that fails ends it."""
    for system in systems:
        sys.argv = ["rqbench", "sample", str(system), "--out", f"{system}-shared", "--share", share]
        sys.argv += [f"--num={NUM}", f"--batch={BATCH}", "--seed=0", "--codes", "--device=cpu"]
        try:
            main()
        except SystemExit as ended:
            if ended.code:
                raise


def test_shares_take_turns_and_leave_nothing_out():
    shares = [parse_share(text) for text in ("1/3", "2/3", "3/3")]
    taken = [[block for block in range(7) if share.takes(block)] for share in shares]
    assert taken == [[0, 3, 6], [1, 4], [2, 5]]
    assert str(shares[1]) == "2/3"


@pytest.mark.parametrize("text", ["0/2", "3/2", "x", "", "1", "1/", "-1/2", "1/0", "1/2/3", "½/1"])
def test_what_names_no_share_is_refused_in_one_line(text):
    with pytest.raises(ConfigError, match=r"names no share\. Write I/N") as refused:
        parse_share(text)
    assert "\n" not in str(refused.value)


def contents(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_a_share_draws_its_blocks_alone_and_counts_what_all_have_drawn(trained, tmp_path, spoken):
    request, out = Request(num=5, batch=2), tmp_path / "out"
    first = draw_share(trained, request, Share(1, 2), out, spoken)
    assert (first.on_disk, first.of, first.done) == (3, 5, True)
    assert sorted(path.name for path in (out / "blocks").iterdir()) == [
        "00000000+2.safetensors", "00000004+1.safetensors",
    ]  # fmt: skip
    assert draw_share(trained, request, Share(2, 2), out, spoken).on_disk == 5
    assert draw_share(trained, request, Share(9, 9), out, spoken).on_disk == 5  # has no block
    sample(trained, request, out, spoken)
    before = contents(out)
    assert not draw_share(trained, request, Share(1, 2), out, spoken).done
    assert contents(out) == before


def test_candidates_of_rejection_sampling_are_shared_too(labelled, tmp_path, spoken):
    request = Request(num=2, batch=2, accept=0.5, codes=True)
    shared = draw_share(labelled, request, Share(2, 2), tmp_path / "shared", spoken)
    assert (shared.on_disk, shared.of) == (2, 4)
    sample(labelled, request, tmp_path / "shared", spoken)
    sample(labelled, request, tmp_path / "alone", spoken)
    assert contents(tmp_path / "shared") == contents(tmp_path / "alone")


@pytest.fixture
def systems(tmp_path: Path) -> list[Path]:
    """One of each kind of prior, imported."""
    torch.manual_seed(0)
    made = []
    for tokenizer_name, prior_name in PAIRS:
        root = tmp_path / prior_name
        tokenizer = find("tokenizer", tokenizer_name).load().tiny()
        prior = find("prior", prior_name).load().tiny(tokenizer.layout(16))
        for part in ("tokenizer", "prior"):
            (root / part).mkdir(parents=True)
        save_model(root / "tokenizer", "tokenizer", tokenizer_name, tokenizer, resolution=16)
        save_model(root / "prior", "prior", prior_name, prior, tokenizer.codebook())
        write_system(root, SystemEntry(tokenizer="tokenizer", prior="prior"))
        made.append(root)
    return made


@pytest.mark.slow
def test_two_processes_at_once_give_the_bytes_of_one(systems: list[Path], spoken: Console):
    processes = [
        # forked: a new one would import torch for longer than it draws
        get_context("fork").Process(
            target=draw_through_the_command, args=(share, systems), daemon=True
        )
        for share in ("1/2", "2/2")
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=120)
        assert process.exitcode == 0
    request = Request(num=NUM, batch=BATCH, codes=True)
    for system in map(load_system, systems):
        shared, alone = (
            systems[0].with_name(f"{system.name}-{end}") for end in ("shared", "alone")
        )
        together = system.prior.sample(NUM, 0)
        assert len({codes.tobytes() for codes in together.values.numpy()}) > NUM // 2
        drawn = {path.name for path in (shared / "blocks").iterdir()}
        assert len(drawn) == 5  # nothing is left to draw
        sample(system, request, shared, spoken)
        sample(system, request, alone, spoken)
        assert contents(shared) == contents(alone)
