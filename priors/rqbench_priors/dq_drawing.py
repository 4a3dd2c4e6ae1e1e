"""What the DQ-Transformer's two stacks see and say while images are drawn, slot by slot.

Axes: m images that still draw, w width.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from rqbench.api import CodeLayout, PhaseCost

from .dq_network import DQNetwork
from .dq_rules import DQRules
from .dq_tokens import Alphabets
from .dq_transformer_state import DQTransformerState
from .sampling_cost import logits_cost, num_codes, num_positions, stack_cost


def see_starts(network: DQNetwork, state: DQTransformerState) -> None:
    """Let the position transformer see the start tokens of the coarse part."""
    coarse = torch.zeros_like(state.starts, dtype=torch.bool)
    here = network.positions(state.alphabets.regions.start + state.starts, coarse)
    contents = state.alphabets.contents.start + state.starts
    where = network.position_stack.step(
        network.inputs(contents, here, coarse, 0), state.position_cache
    )
    if contents.shape[1] > 1:  # the last of them waits for the place of the first code
        network.content_stack.step(where[:, :-1] + here[:, 1:], state.content_cache)
        if state.unshifted_cache is not None:
            network.content_stack.step(where[:, :-1] + here[:, :-1], state.unshifted_cache)
    state.where, state.here = where[:, -1], here[:, -1]


def see_next(network: DQNetwork, state: DQTransformerState) -> None:
    """Let complete images leave, and the position transformer see the next token of the others,
    which is complete."""
    if not state.release():
        return
    fine = state.next_is_fine
    state.here = network.positions(state.position[state.rows], fine)
    content = state.content[state.rows]
    inputs = network.inputs(
        content[:, None], state.here[:, None], fine[:, None], first_slot=state.slot + 1
    )
    state.where = network.position_stack.step(inputs, state.position_cache)[:, 0]
    state.open_slot()


def content_stream(network: DQNetwork, state: DQTransformerState) -> Float[Tensor, "m w"]:
    """What the content transformer says about the next token, whose place is known.

    Where fine codes see the coarse part as coarse codes do not, it is run twice from the start: the
    coarse part in the eyes of fine codes depends on nothing that is drawn later.
    """
    there = network.positions(state.position[state.rows], state.next_is_fine)
    stack, shifted = network.content_stack, state.where + there
    what = stack.step(shifted[:, None], state.content_cache)[:, 0]
    if state.unshifted_cache is None:
        return what
    fine = state.is_fine[:, None]
    unshifted = torch.where(fine, shifted, state.where + state.here)
    return torch.where(fine, stack.step(unshifted[:, None], state.unshifted_cache)[:, 0], what)


def drawing_cost(
    network: DQNetwork,
    layout: CodeLayout,
    alphabets: Alphabets,
    rules: DQRules,
    batch: int,
    grain_counts: tuple[int, ...] | None,
) -> dict[str, PhaseCost]:
    """See `Prior.cost`. Where fine positions are drawn, an image is taken to name all its cells."""
    starts, codes = alphabets.num_starts, num_codes(layout, grain_counts)
    named, num_coarse = num_positions(layout, grain_counts), grain_counts[0] if grain_counts else 0
    if rules.fine_positions == "drawn":
        named += codes - num_coarse
    # the last code is drawn and not seen; in images all coarse, no end and no fine part either
    seen = codes + (2 * starts if num_coarse < layout.num_regions else starts - 1)
    content = stack_cost(network.content_stack, batch, seen, max(starts - 1, 1))
    return {
        "position": PhaseCost(seen * batch * network.contents.weight[0].nbytes, 0)
        + stack_cost(network.position_stack, batch, seen, starts),
        "content": content if rules.coarse_context == "shifted" else content + content,
        "head": logits_cost(network.position_norm, network.position_head, batch, named)
        + logits_cost(network.content_norm, network.content_head, batch, codes),
    }
