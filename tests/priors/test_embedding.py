"""Mirrors rqbench_priors/embedding.py."""

import pytest
import torch

from rqbench.api import CodeLayout, ConditionSpec, ConfigError, UnsupportedError
from rqbench_priors.embedding import CodeEmbedding, Prefix, prefix_of_codes

LAYOUT = CodeLayout(1, 1, depth=2, codebook_size=3)
CODEBOOK = torch.arange(12.0).view(2, 3, 2)  # d k e


def test_each_depth_looks_up_its_own_codebook():
    embedding = CodeEmbedding(LAYOUT, 4, "codebook", CODEBOOK)
    assert embedding.look_up(torch.tensor([[1, 2]])).tolist() == [[[2.0, 3.0], [10.0, 11.0]]]
    assert embedding.look_up(torch.tensor([[2]]), first_depth=1).tolist() == [[[10.0, 11.0]]]


def test_the_codebook_is_frozen_and_travels_outside_the_state_dict():
    embedding = CodeEmbedding(LAYOUT, 4, "codebook", CODEBOOK)
    assert set(embedding.state_dict()) == {"project.weight", "project.bias"}


def test_projecting_a_sum_with_two_biases_equals_summing_two_projections():
    embedding = CodeEmbedding(LAYOUT, 4, "codebook", CODEBOOK)
    torch.nn.init.ones_(embedding.project.bias)
    vectors = embedding.look_up(torch.tensor([[1, 2]]))
    torch.testing.assert_close(
        embedding(vectors.sum(dim=1), num_biases=2), embedding(vectors).sum(dim=1)
    )


def test_learned_rows_need_no_codebook():
    embedding = CodeEmbedding(LAYOUT, 4, "learned", None)
    vectors = embedding.look_up(torch.tensor([[0, 2]]))
    assert torch.equal(embedding(vectors)[0, 1], embedding.table[1, 2])


def test_a_missing_codebook_says_what_to_set():
    with pytest.raises(ConfigError, match="inputs: learned"):
        CodeEmbedding(LAYOUT, 4, "codebook", None)


def test_a_codebook_of_another_layout_is_refused():
    with pytest.raises(ConfigError, match=r"\(1, 3, 2\).*does not fit"):
        CodeEmbedding(LAYOUT, 4, "codebook", CODEBOOK[:1])


def test_a_condition_becomes_one_token_for_each_integer():
    prefix = Prefix(ConditionSpec(5, 2), 4)
    tokens = prefix(torch.tensor([[3, 1]]), 1)
    torch.testing.assert_close(tokens, prefix.table[[3, 1]][None] + prefix.places)


def test_tokens_without_places_are_rows_of_the_table():
    prefix = Prefix(ConditionSpec(5, 2), 4, places=False)
    assert torch.equal(prefix(torch.tensor([[3, 1]]), 1), prefix.table[[3, 1]][None])
    assert set(prefix.state_dict()) == {"table"}


def test_a_condition_in_the_codes_is_their_row_at_the_first_depth():
    embedding = CodeEmbedding(LAYOUT, 4, "learned", None)
    tokens = prefix_of_codes(embedding, torch.tensor([[2, 0]]), 1, start_code=1)
    assert torch.equal(tokens[0], embedding.table[0, [2, 0]])
    start = prefix_of_codes(embedding, None, 3, start_code=1)
    assert torch.equal(start, embedding.table[0, 1].expand(3, 1, 4))


def test_conditions_are_neither_dropped_nor_invented():
    with pytest.raises(UnsupportedError, match="without a condition"):
        Prefix(None, 4)(torch.tensor([[0]]), 1)
    with pytest.raises(UnsupportedError, match="got none"):
        Prefix(ConditionSpec(5), 4)(None, 1)
    with pytest.raises(UnsupportedError, match=r"one of shape \(1, 2\)"):
        Prefix(ConditionSpec(5), 4)(torch.tensor([[0, 0]]), 1)
