"""Mirrors rqbench_priors/sampling_cost.py, and the `cost` of every prior that counts with it."""

import pytest
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from rqbench.api import CodeLayout, Codes, ConditionSpec, ConfigError, PhaseCost, spread
from rqbench_priors.coarse_to_fine import CoarseToFine
from rqbench_priors.depth_stacked import DepthStacked
from rqbench_priors.dq_transformer import DQTransformer
from rqbench_priors.embedding import CodeEmbedding
from rqbench_priors.generation import forced
from rqbench_priors.head import ContentHead
from rqbench_priors.raster import Raster
from rqbench_priors.sampling_cost import (
    content_cost,
    input_cost,
    logits_cost,
    num_codes,
    num_positions,
    stack_cost,
)
from rqbench_priors.transformer import Stack, TransformerConfig

MEBI = 2**20
TWO_GRAINS = CodeLayout(4, 4, 1, 5, (2, 1))
THREE_GRAINS = CodeLayout(4, 8, 1, 5, (4, 2, 1))
SMALL = TransformerConfig(width=4, heads=2, mlp_width=6)
BLOCK = 2 * (4 * 12 + 4 * 4 + 4 * 6 + 6 * 4)
"""Operations of one block of SMALL for one place, without attention: 224."""

VALUES = (4 * 12 + 12) + (4 * 4 + 4) + (4 * 6 + 6) + (6 * 4 + 4) + 2 * (4 + 4)
"""Parameters of that block: 154."""


def stack(layers: int, width: int, dtype: torch.dtype = torch.float32) -> Stack:
    with torch.device("meta"):
        return Stack(layers, TransformerConfig(width=width, heads=width // 64)).to(dtype)


def attention(cost: PhaseCost, layers: Stack, places: int) -> int:
    """Operations of attention alone."""
    linear = [part for part in layers.modules() if isinstance(part, nn.Linear)]
    return cost.operations - places * sum(2 * layer.weight.numel() for layer in linear)


def test_three_places_one_by_one_by_hand():
    """A place sees 1, 2 and 3 places: of each 4 products for its key and 4 for its value."""
    found = stack_cost(Stack(2, SMALL), batch=5, places=3)
    assert found.operations == 5 * 2 * (3 * BLOCK + (1 + 2 + 3) * (2 * 4 + 2 * 4))
    weights, key_and_value = 3 * 2 * VALUES * 4, 2 * 4 * 4
    assert found.bytes_moved == weights + 5 * 2 * (1 + 2 + 3 + 3) * key_and_value
    assert found.cache_bytes == 5 * 2 * 3 * key_and_value


def test_a_prefix_is_one_step_that_reads_its_places_once():
    alone, together = (stack_cost(Stack(1, SMALL), 1, 5, first) for first in (1, 3))
    assert together.operations == alone.operations
    assert together.cache_bytes == alone.cache_bytes
    key_and_value = 2 * 4 * 4
    spared = 2 * VALUES * 4 + (1 + 2 + 3 - 3) * key_and_value
    assert alone.bytes_moved - together.bytes_moved == spared


def test_sequences_one_after_the_other_share_a_cache():
    one, four = (stack_cost(Stack(1, SMALL), 2, 3, sequences=n) for n in (1, 4))
    assert (four.operations, four.bytes_moved) == (4 * one.operations, 4 * one.bytes_moved)
    assert four.cache_bytes == one.cache_bytes


def test_no_blocks_cost_nothing():
    assert stack_cost(Stack(0, SMALL), 3, 4) == PhaseCost(0, 0)


def test_half_as_wide_numbers_move_half_the_bytes():
    whole, half = (stack_cost(stack(2, 64, kind), 3, 9) for kind in (torch.float32, torch.bfloat16))
    assert (whole.bytes_moved, whole.cache_bytes) == (2 * half.bytes_moved, 2 * half.cache_bytes)
    assert whole.operations == half.operations


def test_a_head_reads_one_bias_row_a_code_and_writes_its_logits():
    head = ContentHead(CodeLayout(1, 1, 3, 7), 4, "per-depth")
    values = 4 * 7 + 2 * 4 + 7  # linear, norm, bias
    assert content_cost(head, 2, 6) == PhaseCost(4 * (6 * values + 2 * 6 * 7), 2 * 6 * 2 * 4 * 7)
    plain = ContentHead(CodeLayout(1, 1, 3, 7), 4, "none")
    assert content_cost(head, 2, 6).bytes_moved - content_cost(plain, 2, 6).bytes_moved == 6 * 7 * 4


def test_a_norm_and_the_layer_after_it_by_hand():
    values, logits = 2 * 3 + 15 + 5, 2 * 4 * 5
    found = logits_cost(nn.LayerNorm(3), nn.Linear(3, 5), batch=2, steps=4)
    assert found == PhaseCost(4 * (4 * values + logits), 2 * 4 * 2 * 15)


def test_codes_enter_by_a_row_each_and_a_projection_where_there_is_one():
    layout = CodeLayout(1, 1, 2, 7)
    learned = CodeEmbedding(layout, 4, "learned", None)
    assert input_cost(learned, 3, 5, rows=2) == PhaseCost(3 * 5 * 2 * 4 * 4, 0)
    frozen = CodeEmbedding(layout, 4, "codebook", torch.zeros(2, 7, 6))
    rows, weights = 3 * 5 * 2 * 6 * 4, 5 * (6 * 4 + 4) * 4
    assert input_cost(frozen, 3, 5, rows=2) == PhaseCost(rows + weights, 3 * 5 * 2 * 6 * 4)


@pytest.mark.parametrize(
    ("layout", "counts", "codes", "positions"),
    [
        (TWO_GRAINS, None, 16, 1),
        (TWO_GRAINS, (0, 4), 16, 1),
        (TWO_GRAINS, (1, 3), 13, 2),
        (TWO_GRAINS, (4, 0), 4, 4),  # nothing is left to END
        (THREE_GRAINS, (0, 0, 2), 32, 2),
        (THREE_GRAINS, (1, 0, 1), 17, 3),
        (THREE_GRAINS, (1, 1, 0), 5, 3),
        (THREE_GRAINS, (2, 0, 0), 2, 2),
        (CodeLayout(2, 3, 4, 5), None, 24, 0),
    ],
)
def test_symbols_follow_from_the_regions_of_each_grain(layout, counts, codes, positions):
    assert num_codes(layout, counts) == codes
    assert num_positions(layout, counts) == positions


@pytest.mark.parametrize("counts", [(1, 2), (5, 0), (1, 1, 2)])
def test_counts_of_other_regions_are_refused(counts):
    with pytest.raises(ConfigError, match="must be 2 numbers, one a grain, that sum to 4 regions"):
        num_codes(TWO_GRAINS, counts)


def codes_with(layout: CodeLayout, counts: tuple[int, ...] | None, num_images: int) -> Codes:
    """Codes whose coarse regions come first, so that no END is forced."""
    shape = num_images, layout.height, layout.width, layout.depth
    values = torch.randint(layout.codebook_size, shape)
    if counts is None:
        return Codes(values, layout)
    grains = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts))
    grain_map = grains.view(1, *layout.region_grid).expand(num_images, -1, -1)
    return Codes(spread(values, grain_map, layout), layout, grain_map)


@pytest.mark.parametrize("with_class", [False, True])
@pytest.mark.parametrize(
    ("kind", "layout", "counts"),
    [
        (Raster, CodeLayout(3, 2, 1, 5), None),
        (Raster, CodeLayout(2, 2, 3, 5), None),
        (Raster, TWO_GRAINS, (2, 2)),
        (Raster, THREE_GRAINS, (0, 1, 1)),
        (DepthStacked, CodeLayout(3, 2, 1, 5), None),
        (DepthStacked, CodeLayout(2, 2, 3, 5), None),
        (CoarseToFine, TWO_GRAINS, (2, 2)),
        (CoarseToFine, TWO_GRAINS, (0, 4)),
        (CoarseToFine, THREE_GRAINS, (1, 0, 1)),
        (DQTransformer, TWO_GRAINS, (2, 2)),
        (DQTransformer, TWO_GRAINS, (0, 4)),
        (DQTransformer, TWO_GRAINS, (4, 0)),
    ],
)
def test_operations_are_those_that_torch_counts_while_codes_are_drawn(
    kind, layout, counts, with_class
):
    """Outside of blocks nothing but heads multiplies here, since inputs are learned rows."""
    prior = kind.tiny(layout, ConditionSpec(4) if with_class else None).eval()
    codes = codes_with(layout, counts, 3)
    condition = torch.zeros(3, 1, dtype=torch.int64) if with_class else None
    symbols = prior.symbols(codes)
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        prior.generate(forced(symbols), 3, condition)
    counted = {name: sum(kinds.values()) for name, kinds in counter.get_flop_counts().items()}
    phases = prior.cost(3, counts)
    assert phases["head"].operations == counted["Global"] - counted["Block"]
    stacks = sum(phase.operations for name, phase in phases.items() if name != "head")
    assert stacks == counted["Block"]


def test_projected_inputs_are_counted_in_the_phase_that_they_enter():
    layout, width = CodeLayout(2, 2, 3, 5), 16
    learned = DepthStacked.tiny(layout)
    config = learned.config.model_copy(update={"inputs": "codebook"})
    projected = DepthStacked(config, layout, torch.zeros(3, 5, 6))
    without, found = learned.cost(7), projected.cost(7)
    one = 7 * 2 * 6 * width
    assert found["body"].operations - without["body"].operations == 3 * one
    assert found["depth"].operations - without["depth"].operations == 4 * 2 * one
    assert found["head"] == without["head"]


def test_a_longer_sequence_costs_more_and_the_longest_is_the_default():
    prior = CoarseToFine.tiny(TWO_GRAINS)
    totals = [
        sum(phase.operations for phase in prior.cost(1, counts).values())
        for counts in ((4, 0), (2, 2), (0, 4), None)
    ]
    assert totals == sorted(totals)
    assert totals[-1] == totals[-2]


def test_the_units_and_layer_steps_of_the_large_models_of_lee_et_al():
    """N T^2 units of attention, and steps: with caches a place sees T + 1 others on average twice
    over, so 2 w of operations make (T + 1) T N, the units and the layer-steps together."""
    width = 1536
    body, depth = stack(42, width), stack(6, width)
    of_body = attention(stack_cost(body, 1, 64), body, 64)
    of_depth = attention(stack_cost(depth, 1, 4, sequences=64), depth, 4 * 64)
    assert (of_body + of_depth) // (2 * width) == 178_176 + 4_224
    raster = stack(48, width)
    assert attention(stack_cost(raster, 1, 256), raster, 256) // (2 * width) == 3_145_728 + 12_288


def test_the_caches_of_the_large_models_of_lee_et_al():
    assert stack_cost(stack(48, 1536), 1, 256).cache_bytes == 144 * MEBI
    assert stack_cost(stack(42, 1536), 1, 64).cache_bytes == 31.5 * MEBI


@pytest.mark.parametrize(
    ("places", "tera"),
    [(256, 0.158), (336, 0.209), (490, 0.308), (644, 0.409), (797, 0.513), (1024, 0.670)],
)
def test_a_dq_transformer_of_24_blocks_and_width_1024_with_caches(places, tera):
    found = stack_cost(stack(24, 1024), 1, places).operations
    assert found / 1e12 == pytest.approx(tera, abs=0.0006)
