"""Mirrors rqbench_tokenizers/codebook.py."""

import copy

import pytest
import torch

from rqbench_tokenizers.codebook import Codebook, GradientCodebook
from rqbench_tokenizers.moving_average import MovingAverage

from .published.moving_average_equations import Table

KEEP_IDLE = MovingAverage(decay=0.9, restart_below=0)


def book(average: MovingAverage = KEEP_IDLE) -> Codebook:
    codebook = Codebook(2, 1, average)
    codebook.start(torch.tensor([[0.0], [10.0]]), num_vectors=8)  # counts 4 and 4, sums 0 and 40
    return codebook


def collect(codebook: Codebook, values: list[float], codes: list[int], slot: int = 0) -> None:
    vectors = torch.tensor(values)[:, None]
    codebook.collect(vectors, torch.tensor(codes), torch.ones(len(codes)), slot)


def test_one_update_is_the_one_worked_by_hand() -> None:
    codebook = book()
    collect(codebook, [1.0, 2.0, 12.0], [0, 0, 1])
    codebook.after_step()
    # counts .9*4 + .1*2 = 3.8 and .9*4 + .1*1 = 3.7; sums .9*0 + .1*3 = .3 and .9*40 + .1*12 = 37.2
    assert codebook.counts.tolist() == pytest.approx([3.8, 3.7])
    assert codebook.sums[:, 0].tolist() == pytest.approx([0.3, 37.2])
    assert codebook.vectors[:, 0].tolist() == pytest.approx([0.3 / 3.8, 37.2 / 3.7], rel=1e-5)


def test_two_passes_of_one_slot_make_one_update() -> None:
    whole, parts = book(), book()
    collect(whole, [1.0, 2.0, 12.0], [0, 0, 1])
    collect(parts, [1.0], [0])
    collect(parts, [2.0, 12.0], [0, 1])
    whole.after_step()
    parts.after_step()
    assert torch.allclose(whole.vectors, parts.vectors)


def test_two_slots_make_two_updates_in_sequence() -> None:
    codebook = book()
    collect(codebook, [2.0], [0], slot=0)
    collect(codebook, [20.0], [1], slot=1)
    codebook.after_step()
    # code 0: .9*(.9*4 + .1*1) and .9*(.9*0 + .1*2); code 1: .9*.9*4 + .1 and .9*.9*40 + .1*20
    assert codebook.counts.tolist() == pytest.approx([3.33, 3.34])
    assert codebook.sums[:, 0].tolist() == pytest.approx([0.18, 34.4])


def test_without_anything_collected_nothing_changes() -> None:
    codebook = book()
    before = copy.deepcopy(codebook.state_dict())
    codebook.after_step()
    assert all(torch.equal(before[name], value) for name, value in codebook.state_dict().items())


def test_an_idle_code_starts_anew_on_a_vector_of_the_batch() -> None:
    codebook = book(MovingAverage(decay=0.5, restart_below=0.9))
    collect(codebook, [30.0, 30.0, 30.0], [1, 1, 1])
    codebook.after_step()
    assert codebook.vectors[0].item() == pytest.approx(30.0, rel=1e-4)  # counts were 2 and 3.5


def test_idle_codes_may_start_anew_on_a_vector_of_any_pass() -> None:
    average, found = MovingAverage(decay=0.5, restart_below=0.9), set()
    for seed in range(20):
        torch.manual_seed(seed)
        codebook = book(average)
        collect(codebook, [30.0, 30.0], [1, 1])
        collect(codebook, [20.0, 20.0], [1, 1])
        codebook.after_step()
        found.add(round(codebook.vectors[0].item()))
    assert found == {20, 30}


def test_it_is_float32_and_resumes_from_its_state_dict_alone() -> None:
    codebook = book()
    collect(codebook, [1.0, 2.0, 12.0], [0, 0, 1])
    codebook.after_step()
    other = Codebook(2, 1, KEEP_IDLE)
    assert other.needs_start
    other.load_state_dict(codebook.state_dict())
    assert not other.needs_start
    for each in (codebook, other):
        collect(each, [3.0], [0])
        each.after_step()
    assert torch.equal(codebook.vectors, other.vectors)
    assert codebook.vectors.dtype == torch.float32
    assert not list(codebook.parameters())


def test_loading_an_unstarted_state_asks_for_a_start_again() -> None:
    codebook = book()
    assert not codebook.needs_start
    codebook.load_state_dict(Codebook(2, 1, KEEP_IDLE).state_dict())
    assert codebook.needs_start


def test_the_gradient_codebook_starts_as_published() -> None:
    vectors = GradientCodebook(50, 8).vectors
    assert vectors.requires_grad
    assert 0.019 < vectors.abs().max() <= 1 / 50


def test_a_padding_row_is_stored_and_left_alone() -> None:
    assert "padding" not in Codebook(4, 3, KEEP_IDLE).state_dict()
    assert Codebook(4, 3, KEEP_IDLE, padding="zeros").state_dict()["padding"].tolist() == [[0] * 3]
    codebook = Codebook(4, 3, KEEP_IDLE, padding="uniform")
    row = codebook.state_dict()["padding"].clone()
    assert 0 < row.abs().max() <= 1 / 4
    codebook.start(torch.eye(4, 3), num_vectors=8)
    codebook.collect(torch.randn(5, 3), torch.zeros(5, dtype=torch.long), torch.ones(5))
    codebook.after_step()
    assert torch.equal(codebook.state_dict()["padding"], row)
    assert codebook.vectors.shape == (4, 3)


@pytest.mark.parametrize("padding", ["zeros", "uniform"])
def test_a_random_start_is_the_published_one_and_restarts_replace_it(padding: str) -> None:
    """RQ's vectors are normal and its sums theirs; DQ's are uniform, and its sums are not."""
    average = MovingAverage(restart_below=1.0, restart_rule="count", spares="tiled", start="random")
    codebook = Codebook(50, 8, average, padding)
    assert not codebook.needs_start
    assert codebook.counts.tolist() == [0] * 50
    assert codebook.sums.std() == pytest.approx(1, abs=0.2)
    if padding == "zeros":
        assert torch.equal(codebook.vectors, codebook.sums)
    else:
        assert 0.019 < codebook.vectors.abs().max() <= 1 / 50
    published = Table(codebook.vectors.clone(), codebook.counts.clone(), codebook.sums.clone())
    vectors = torch.randn(300, 8)
    codes = torch.cat([torch.zeros(150, dtype=torch.long), torch.arange(150) % 50])
    for update in (
        lambda: published.update(vectors, codes),
        lambda: (codebook.collect(vectors, codes, torch.ones(300)), codebook.after_step()),
    ):
        torch.manual_seed(8)
        update()
    assert codebook.counts.tolist() == pytest.approx([1.53] + [1] * 49)  # .01 * (150 + 3)
    torch.testing.assert_close(codebook.vectors, published.vectors, atol=1e-5, rtol=1e-4)


def test_idle_codes_may_start_anew_on_a_repeated_batch_as_published() -> None:
    average = MovingAverage(decay=0.5, restart_below=1.0, restart_rule="count", spares="tiled")
    codebook = Codebook(4, 1, average)
    codebook.start(torch.tensor([[0.0], [10.0], [20.0], [30.0]]), num_vectors=4)
    collect(codebook, [30.0, 30.0], [3, 3])
    codebook.after_step()
    assert codebook.counts.tolist() == pytest.approx([1, 1, 1, 1.5])
    assert (codebook.vectors - 30).abs().max() < 0.02
