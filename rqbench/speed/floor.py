"""The floor: how long moving bytes and doing operations takes at the rates of the device."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from ..codes import Codes
from ..errors import UnsupportedError
from ..layout import CodeLayout
from ..metrics.flops import count_macs
from ..phase_cost import PhaseCost
from ..prior import Prior
from ..tokenizer import Tokenizer
from .device_rates import DeviceRates


@dataclass(frozen=True)
class Floor:
    """Milliseconds an image.

    Attributes:
        phases: of the prior, by phase; their sum is its floor. None where the prior does not count
            what it costs.
        bound: what bounds each phase, "bytes" or "operations".
    """

    phases: Mapping[str, float] | None
    bound: Mapping[str, str]
    decoder: float
    cache_bytes: int = 0

    @property
    def prior(self) -> float | None:
        return None if self.phases is None else sum(self.phases.values())


def find_floor(
    prior: Prior,
    batch: int,
    grains: tuple[int, ...] | None,
    decode_operations: int,
    rates: DeviceRates,
) -> Floor:
    """The floor of a batch of codes that were drawn, of dynamic ones with these regions of each
    grain.

    Of dynamic codes it is that of images that all have the batch's mean number of regions of each
    grain; weights are then read less often than the longest image asks for, so that the floor errs
    to the low side.
    """
    decoder = 1000 * decode_operations / rates.large_operations_per_s
    try:
        cost = prior.cost(batch, grains)
    except UnsupportedError:
        return Floor(None, {}, decoder)
    each = {phase: _seconds(cost[phase], rates) for phase in cost}
    return Floor(
        {phase: 1000 * max(seconds) / batch for phase, seconds in each.items()},
        {phase: "bytes" if by >= op else "operations" for phase, (by, op) in each.items()},
        decoder,
        sum(phase.cache_bytes for phase in cost.values()),
    )


def decode_operations(tokenizer: Tokenizer, layout: CodeLayout, device: str) -> int:
    """Operations that decoding one image takes, counted while one is decoded."""
    values = torch.zeros(1, layout.height, layout.width, layout.depth, dtype=torch.int64)
    grains = torch.full((1, *layout.region_grid), layout.num_grains - 1)
    codes = Codes(values, layout, grains if layout.is_dynamic else None).to(device)
    with torch.no_grad():
        return 2 * count_macs(tokenizer.decode, codes)


def mean_grains(codes: Codes) -> tuple[int, ...] | None:
    """Regions of each grain in an image of the batch, on average, in whole regions whose sum is
    right; what rounding leaves goes to the coarsest grain, which costs least."""
    if codes.grain_map is None:
        return None
    layout = codes.layout
    counts = torch.bincount(codes.grain_map.flatten(), minlength=layout.num_grains)
    finer = [int(count) // len(codes) for count in counts[1:].tolist()]
    return (layout.num_regions - sum(finer), *finer)


def _seconds(cost: PhaseCost, rates: DeviceRates) -> tuple[float, float]:
    """To move its bytes, and to do its operations."""
    return cost.bytes_moved / rates.bytes_per_s, cost.operations / rates.operations_per_s
