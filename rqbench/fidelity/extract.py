"""Prepared pictures through the network, in batches of one size, with results in their order."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing

import numpy as np
import torch
from einops import rearrange
from jaxtyping import Shaped
from torch import Tensor

from ..metrics.extractor import Extractor
from ..metrics.extractor_errors import NonFiniteFeaturesError
from ..read_ahead import in_order
from .feature_set import Arrays
from .prepare import Prepared

MOST_WAITING_BYTES = 256 * 2**20
"""Of pictures whose sizes do not yet fill a batch."""

Usable = tuple[Prepared, Shaped[np.ndarray, "_ _ 3"]]
"""A picture with its pixels, which are there."""


def extract_in_order(
    prepared: Iterable[Prepared], extractor: Extractor, batch: int, tell: Callable[[int], None]
) -> Arrays:
    """Features and logits of the pictures that have pixels, in their order.

    Args:
        batch: pictures of one size that the network sees together, at most.
        tell: is given how many more are done, each time some are.

    Raises:
        NonFiniteFeaturesError: names a picture whose features are not finite.
    """
    usable = ((one, one.pixels) for one in prepared if one.pixels is not None)
    places: list[int] = []
    features = [np.empty((0, extractor.dim), np.float32)]
    logits = [np.empty((0, extractor.num_classes), np.float32)]
    # A thread of its own stacks the next batch while the network is at work
    with closing(in_order(_stack, of_one_size(usable, batch), threads=1, ahead=2)) as stacked:
        for some, pixels in stacked:
            arrays = _extract(some, pixels, extractor)
            features.append(arrays[0])
            logits.append(arrays[1])
            places += [one.index for one in some]
            tell(len(some))
    order = np.argsort(places)
    return np.concatenate(features)[order], np.concatenate(logits)[order]


def of_one_size(usable: Iterable[Usable], batch: int) -> Iterator[list[Usable]]:
    """Batches of pictures that can be stacked; smaller ones where there are no more of a size, or
    where too many pictures of other sizes wait."""
    waiting: dict[tuple[int, ...], list[Usable]] = {}
    num_bytes = 0
    for one, pixels in usable:
        same = waiting.setdefault(pixels.shape, [])
        same.append((one, pixels))
        num_bytes += pixels.nbytes
        if len(same) == batch or num_bytes > MOST_WAITING_BYTES:
            num_bytes -= len(same) * pixels.nbytes
            yield waiting.pop(pixels.shape)
    yield from waiting.values()


def _stack(some: list[Usable]) -> tuple[list[Prepared], Shaped[Tensor, "b 3 H W"]]:
    pixels = torch.from_numpy(np.stack([of_one for _, of_one in some]))
    return [one for one, _ in some], rearrange(pixels, "b h w c -> b c h w")


def _extract(
    some: list[Prepared], pixels: Shaped[Tensor, "b 3 H W"], extractor: Extractor
) -> Arrays:
    try:
        features, logits = extractor.extract(pixels)
    except NonFiniteFeaturesError as error:
        name = some[error.place].name
        raise NonFiniteFeaturesError(
            f"The features of {name} are not finite, so no score of its set would be. Remove the "
            "picture; where every picture has such features, the extractor's weights are at fault.",
            error.place,
        ) from None
    return features.numpy(), logits.numpy()
