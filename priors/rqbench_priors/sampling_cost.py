"""What sampling with caches must move and do, counted from a prior's own layers.

Counted are, at one size of number, that of the weights:

- weights: linear layers, norms and biases, read once for each step of all images;
- caches: the keys and values of all visible places, read once by each step, the newest among them;
  and those of the newest place, written once;
- codes that enter: the row of each in its table, read once for each image;
- logits: written once; who draws reads them at will;
- operations: two for each multiply-add of linear layers, and of attention over visible places.

Not counted are activations, which can stay close to the processor, the sums and curves between
matrix products, the few rows of tables of places and conditions, and the choice of symbols.

All images have sequences of one length here. Where their lengths differ, weights are read as often
as the longest asks for, and everything else is the sum over images.
"""

from torch import nn

from rqbench.api import CodeLayout, ConfigError, PhaseCost

from .embedding import CodeEmbedding
from .head import ContentHead
from .transformer import Block, Stack


def stack_cost(
    stack: Stack, batch: int, places: int, first: int = 1, sequences: int = 1
) -> PhaseCost:
    """Blocks that see `first` places at once and then the others one by one.

    Args:
        sequences: how many such sequences an image has, one after the other in the same cache.
    """
    if not len(stack.blocks):
        return PhaseCost(0, 0)
    block, layers = stack.blocks[0], len(stack.blocks)
    assert isinstance(block, Block)
    width, size = block.project.in_features, block.project.weight.itemsize
    steps, all_places = 1 + places - first, places * (places + 1) // 2
    read = all_places - first * (first + 1) // 2 + first  # the first places once for all of them
    key_and_value = 2 * layers * width * size * batch
    return PhaseCost(
        bytes_moved=sequences * (steps * _weight_bytes(stack) + (read + places) * key_and_value),
        operations=sequences * batch * (
            places * _matrix_operations(stack) + 4 * layers * width * all_places
        ),
        cache_bytes=places * key_and_value,
    )  # fmt: skip


def logits_cost(norm: nn.LayerNorm, head: nn.Linear, batch: int, steps: int) -> PhaseCost:
    """A norm and the layer after it, which writes logits."""
    written = PhaseCost(steps * batch * head.out_features * head.weight.itemsize, 0)
    return _layer_cost(norm, batch, steps) + _layer_cost(head, batch, steps) + written


def content_cost(head: ContentHead, batch: int, num_codes: int) -> PhaseCost:
    """A content head, which is asked for one code of each image at a time."""
    bias = 0 if head.bias is None else head.bias[0].nbytes  # each step needs that of one depth
    unbiased = logits_cost(head.norm, head.linear, batch, num_codes)
    return unbiased + PhaseCost(num_codes * bias, 0)


def input_cost(codes: CodeEmbedding, batch: int, steps: int, rows: int = 1) -> PhaseCost:
    """Codes that enter a transformer.

    Args:
        rows: codes whose vectors are summed in one step.
    """
    looked_up = PhaseCost(steps * batch * rows * codes.table[0, 0].nbytes, 0)
    return (
        looked_up if codes.project is None else looked_up + _layer_cost(codes.project, batch, steps)
    )


def num_codes(layout: CodeLayout, grain_counts: tuple[int, ...] | None) -> int:
    """Codes of an image whose regions have these grains; None: as many as the layout allows.

    Raises:
        ConfigError: counts that are not of this layout's regions.
    """
    if grain_counts is None:
        return layout.max_codes
    if len(grain_counts) != layout.num_grains or sum(grain_counts) != layout.num_regions:
        raise ConfigError(
            f"grain_counts {grain_counts} do not fit codes of the layout {layout}: they must be "
            f"{layout.num_grains} numbers, one a grain, that sum to {layout.num_regions} regions."
        )
    return sum(
        count * codes for count, codes in zip(grain_counts, layout.codes_per_region, strict=True)
    )


def num_positions(layout: CodeLayout, grain_counts: tuple[int, ...] | None) -> int:
    """Position symbols of an image in coarse-to-fine order, at most: each grain but the last names
    its regions among those that are left, then says END, unless nothing else was left to say."""
    counts = grain_counts or (0,) * (layout.num_grains - 1) + (layout.num_regions,)
    left, symbols = layout.num_regions, 0
    for count in counts[:-1]:
        symbols += min(count + 1, left)
        left -= count
    return symbols


def _layer_cost(layer: nn.Module, batch: int, steps: int) -> PhaseCost:
    """What each step applies to one vector an image."""
    return PhaseCost(steps * _weight_bytes(layer), steps * batch * _matrix_operations(layer))


def _weight_bytes(module: nn.Module) -> int:
    """Bytes of all parameters."""
    return sum(parameter.nbytes for parameter in module.parameters())


def _matrix_operations(module: nn.Module) -> int:
    """Of the linear layers, for one vector each."""
    linear = (part for part in module.modules() if isinstance(part, nn.Linear))
    return sum(2 * layer.weight.numel() for layer in linear)
