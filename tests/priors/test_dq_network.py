"""Mirrors rqbench_priors/dq_network.py."""

import pytest
import torch

from rqbench.api import CodeLayout
from rqbench_priors.dq_network import DQNetwork, DQTransformerConfig
from rqbench_priors.dq_rules import DQRules
from rqbench_priors.dq_tokens import Alphabets, Tokens

FINE = torch.tensor([[False, False, True, True, True]])
TOKENS = Tokens(
    content=torch.tensor([[7, 1, 6, 7, 2]]),
    position=torch.tensor([[4, 1, 3, 10, 5]]),
    fine=FINE,
    real=torch.ones_like(FINE),
)


@pytest.fixture
def network() -> DQNetwork:
    config = DQTransformerConfig(width=8, heads=2, position_layers=1, content_layers=1)
    network = DQNetwork(config, Alphabets.of(CodeLayout(2, 4, 1, 5, (2, 1)), None), 11).double()
    for weight in network.parameters():
        torch.nn.init.normal_(weight, std=0.5)
    return network.eval()


def test_regions_and_cells_have_tables_of_their_own(network):
    found = network.positions(TOKENS.position, FINE)[0]
    assert torch.equal(found[:2], network.regions.weight[[4, 1]])
    assert torch.equal(found[2:], network.cells.weight[[3, 10, 5]])


def test_an_input_is_the_sum_of_content_position_slot_and_part(network):
    here = torch.full((1, 2, 8), 0.25, dtype=torch.float64)
    found = network.inputs(torch.tensor([[3, 4]]), here, FINE[:, 1:3], first_slot=6)
    for i, (content, slot, part) in enumerate([(3, 6, 0), (4, 7, 1)]):
        expected = network.contents.weight[content] + network.slots[slot]
        expected = expected + network.parts.weight[part] + 0.25
        torch.testing.assert_close(found[0, i], expected)


def test_fine_slots_alone_see_the_coarse_part_unshifted(network):
    trained = network.streams(TOKENS, DQRules())
    other = network.streams(TOKENS, DQRules(coarse_context="unshifted"))
    assert torch.equal(trained[0], other[0])
    assert torch.equal(trained[1][:, :2], other[1][:, :2])
    places = network.positions(TOKENS.position, FINE)
    seen = torch.cat([places[:, :2], places[:, 3:]], dim=1)
    expected = network.content_stack(trained[0] + seen)[:, 2:]
    torch.testing.assert_close(other[1][:, 2:], expected)
    assert not torch.allclose(trained[1][:, 2:], expected)


def test_dropout_is_on_the_inputs_of_the_position_transformer_alone(network):
    assert network.dropout.p == 0.0
    network.dropout.p = 1.0  # nothing of the inputs is left
    where, what = network.train().streams(TOKENS, DQRules())
    there = network.positions(TOKENS.position, FINE)[:, 1:]
    expected = network.position_stack(torch.zeros_like(there))
    torch.testing.assert_close(where, expected)
    torch.testing.assert_close(what, network.content_stack(expected + there))
