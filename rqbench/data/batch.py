"""Batches of crops: bytes until a model wants floats."""

from collections import Counter
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """Training crops in the order of their indices; labels where the data has classes."""

    images: UInt8[Tensor, "b 3 H W"]
    labels: Int64[Tensor, " b"] | None

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, rows: slice) -> "Batch":
        return Batch(self.images[rows], None if self.labels is None else self.labels[rows])


@dataclass(frozen=True)
class HeldOut:
    """The crops that training never sees, always the same ones.

    Attributes:
        clusters: the photograph or file that each crop comes from. Crops of one cluster are not
            independent, and intervals resample clusters.
    """

    images: UInt8[Tensor, "n 3 H W"]
    clusters: tuple[str, ...]
    labels: Int64[Tensor, " n"] | None

    def spread(self, count: int) -> Int64[Tensor, " m"]:
        """Indices of `count` crops, evenly spaced; of all where there are fewer."""
        return evenly(len(self.images), count)

    def of_all_clusters(self, count: int) -> Int64[Tensor, " m"]:
        """Indices of `count` crops in order, from as many clusters as can be and equally many of
        each: the first crop of each cluster, the second of each, and so on."""
        rounds: dict[int, list[int]] = {}
        times: Counter[str] = Counter()
        for index, cluster in enumerate(self.clusters):
            rounds.setdefault(times[cluster], []).append(index)
            times[cluster] += 1
        chosen: list[int] = []
        for crops in rounds.values():
            left = count - len(chosen)
            chosen += [crops[place] for place in evenly(len(crops), left).tolist()]
        return torch.tensor(sorted(chosen), dtype=torch.int64)


def evenly(total: int, count: int) -> Int64[Tensor, " m"]:
    """`count` of the numbers below `total`, evenly spaced; all where there are fewer."""
    return torch.linspace(0, total - 1, min(count, total)).round().long()


def to_float(images: UInt8[Tensor, "b 3 H W"]) -> Float[Tensor, "b 3 H W"]:
    """Bytes 0 to 255 as single-precision floats in [0, 1], on the same device."""
    return images.float() / 255


def to_bytes(images: Float[Tensor, "b c H W"], truncate: bool = False) -> UInt8[Tensor, "b c H W"]:
    """Clamped to [0, 1], then 0 to 255: the nearest byte, or with `truncate` the one below."""
    levels = images.clamp(0, 1) * 255
    return (levels if truncate else levels.round()).to(torch.uint8)
