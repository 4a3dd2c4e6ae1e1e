"""Where the bits of held-out crops go: maps beside the pictures, and whether bits go where the
detail is, and where the error is."""

from collections.abc import Sequence
from math import isnan

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from ..codes import Codes
from ..metrics.bit_correlations import BIT_CORRELATIONS, bit_correlations
from ..metrics.bit_map import NO_PLACES, nominal_bit_map
from ..metrics.patches import common_patch_px
from ..metrics.protocol import Protocol
from ..record import Record
from ..stage import Context
from .protocols import bit_map_protocol
from .recording import Recorder
from .setting import Setting

BITS = "bits"
"""Of the pictures of a stage, the map of the bits of each cell."""

Found = tuple[list[Record], dict[str, Tensor]]
"""Records, and the maps of the pictures that are shown."""


def patch_px(setting: Setting) -> int:
    """Side of the patches in which the experiment's tokenizers are compared."""
    return common_patch_px(setting.layouts.values(), setting.resolution)


def nominal_bits(
    setting: Setting, recorder: Recorder, codes: Codes, restored: UInt8[Tensor, "n 3 H W"]
) -> Found:
    """Of a tokenizer alone; nothing where codes have a fixed length, whose bits are everywhere the
    same."""
    if not codes.layout.is_dynamic:
        return [], {}
    return _found(setting, recorder, nominal_bit_map(codes), restored)


def prior_bits(
    setting: Setting,
    recorder: Recorder,
    maps: Float[Tensor, "n h w"] | None,
    restored: UInt8[Tensor, "n 3 H W"],
    context: Context,
) -> Found:
    """Of a system, by the `PriorRates` of its prior; nothing where that cannot tell places."""
    if maps is None:
        context.progress.say(f"no map of bits: {NO_PLACES}")
        return [], {}
    return _found(setting, recorder, maps, restored)


def _found(
    setting: Setting,
    recorder: Recorder,
    maps: Float[Tensor, "n h w"],
    restored: UInt8[Tensor, "n 3 H W"],
) -> Found:
    side, held_out = patch_px(setting), setting.data.held_out()
    size = setting.experiment.measure.batch_size
    values: dict[str, list[float]] = {metric: [] for metric in BIT_CORRELATIONS}
    parts = (torch.split(each, size) for each in (maps, held_out.images, restored))
    for bits, images, decoded in zip(*parts, strict=True):
        for metric, found in bit_correlations(bits, images, decoded, side).items():
            values[metric] += found
    protocol = bit_map_protocol(setting, recorder.prior, side)
    records = []
    for metric, found in values.items():
        records += mean_where_defined(recorder, metric, found, protocol, held_out.clusters)
    shown = held_out.spread(setting.experiment.measure.pictures)
    return records, {BITS: maps[shown].float()}


def mean_where_defined(
    recorder: Recorder,
    metric: str,
    values: Sequence[float],
    protocol: Protocol,
    clusters: Sequence[str],
) -> list[Record]:
    """The mean of the values that are numbers; the record says how many images have none, and there
    is no record where no image has one."""
    kept = [place for place, value in enumerate(values) if not isnan(value)]
    if not kept:
        return []
    numbers, names = [values[place] for place in kept], [clusters[place] for place in kept]
    record = recorder.mean(metric, numbers, protocol, names)
    if len(kept) == len(values):
        return [record]
    said = f"{record.ci_method}; left out {len(values) - len(kept)} images that are all alike"
    return [record.model_copy(update={"ci_method": said, "images": kept})]
