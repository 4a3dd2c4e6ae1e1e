"""Mirrors rqbench/metrics/flops.py."""

import torch
from torch import nn
from torch.nn import functional as F

from rqbench.codes import Codes
from rqbench.layout import CodeLayout
from rqbench.metrics.flops import (
    count_codebook_values,
    count_macs,
    count_parameters,
    count_stored,
)
from rqbench.tokenizer import Tokenizer, TokenizerOutput


def test_a_convolution_multiplies_its_kernel_at_each_output():
    conv = nn.Conv2d(3, 8, 3, padding=1)
    assert count_macs(conv, torch.rand(2, 3, 5, 7)) == 2 * 5 * 7 * 8 * 3 * 9


def test_attention_counts_both_of_its_products():
    query = torch.rand(1, 2, 6, 4)  # 2 heads, 6 places, width 4
    found = count_macs(lambda: F.scaled_dot_product_attention(query, query, query))
    assert found == 2 * (6 * 6 * 4 + 6 * 6 * 4)


class Lookup(Tokenizer):
    """A codebook and a parameter, and nothing that works."""

    def __init__(self, codebook, is_parameter=False, depth=2):
        super().__init__(None)
        self.gain = nn.Parameter(torch.ones(5))
        self.depth = depth
        if is_parameter:
            self.table = nn.Parameter(codebook)
        else:
            self.register_buffer("table", codebook)

    @classmethod
    def tiny(cls) -> "Lookup":
        return cls(torch.zeros(4, 3))

    def layout(self, resolution) -> CodeLayout:
        return CodeLayout(1, 1, self.depth, 4)

    def forward(self, images) -> TokenizerOutput:
        raise NotImplementedError

    def encode(self, images) -> Codes:
        raise NotImplementedError

    def decode(self, codes):
        raise NotImplementedError

    def codebook(self):
        return self.table.expand(self.depth, -1, -1) if self.table.ndim == 2 else self.table


def test_a_codebook_outside_the_parameters_is_counted_apart_and_a_shared_one_once():
    assert count_parameters(Lookup.tiny()) == 5
    assert count_codebook_values(Lookup.tiny()) == 12
    assert count_codebook_values(Lookup(torch.zeros(2, 4, 3))) == 24
    assert count_codebook_values(Lookup(torch.zeros(1, 4, 3), depth=1)) == 12


def test_a_codebook_that_is_a_parameter_is_counted_as_one():
    tokenizer = Lookup(torch.zeros(4, 3), is_parameter=True)
    assert count_parameters(tokenizer) == 17
    assert count_codebook_values(tokenizer) == 0


def test_separate_tables_stacked_anew_at_each_call_are_counted():
    class Stacked(Lookup):
        def codebook(self):
            return torch.stack([self.table, self.table + 1])

    assert count_codebook_values(Stacked(torch.zeros(4, 3))) == 24


def test_a_buffer_of_another_kind_makes_no_computed_codebook_a_stored_one():
    class Computed(Lookup):
        def codebook(self):
            return (2 * self.table)[None]

    tokenizer = Computed(torch.zeros(4, 3), is_parameter=True, depth=1)
    tokenizer.register_buffer("calibrated", torch.tensor(True))
    assert count_codebook_values(tokenizer) == 0


def test_what_is_stored_are_parameters_codebook_and_padding_rows():
    class Padded(Lookup):
        def padding_rows(self):
            return 1

    assert count_stored(Lookup.tiny()) == 5 + 12
    assert count_stored(Padded.tiny()) == 5 + 12 + 3
    assert count_stored(Padded(torch.zeros(4, 3), is_parameter=True)) == 5 + 12 + 3


def test_without_memory_the_counts_are_the_same():
    with torch.device("meta"):
        table, learned = torch.zeros(4, 3), torch.zeros(4, 3)
        assert count_stored(Lookup(table)) == 17
        assert count_codebook_values(Lookup(learned, is_parameter=True)) == 0
