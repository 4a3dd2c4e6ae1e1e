"""Which pictures are left out together when the error of a set's score is found."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from rqbench.errors import DataError

_BLOCKS = 16  # random groups of samples, which have no photograph
_MOST_GROUPS = 32  # more photographs are left out in bundles: each group costs a whole score
_SEED = 2020


def left_together(count: int, clusters: Sequence[str] | None, least: int = 2) -> list[str]:
    """The group of each picture, of which one at a time is left out.

    Args:
        count: pictures.
        clusters: the photograph of each; None where each stands for itself.
        least: pictures that have to be left when one group is out.

    Raises:
        DataError: another number of photographs than of pictures.
    """
    if clusters is None:
        return random_blocks(count, least)
    if len(clusters) != count:
        raise DataError(
            f"{len(clusters)} photographs are named for {count} pictures. Name one for each."
        )
    return bundled(clusters, least)


def random_blocks(count: int, least: int = 2) -> list[str]:
    """Random groups of nearly equal size, at most one for each image.

    Args:
        count: images.
        least: images that have to be left when one group is out.
    """
    order = np.random.default_rng(_SEED).permutation(count)
    return _removable([f"{block:02d}" for block in order % min(_BLOCKS, count)], least)


def bundled(groups: Sequence[str], least: int = 2) -> list[str]:
    """The groups, or bundles of whole groups, by their names alone so that all systems share them.

    Source: Kott 2001, Journal of Official Statistics 17(4), the delete-a-group jackknife.
    """
    names = sorted(set(groups))
    if len(names) <= _MOST_GROUPS:
        return _removable(list(groups), least)
    order = np.random.default_rng(_SEED).permutation(len(names)) % _MOST_GROUPS
    bundles = {name: f"bundle {place:02d}" for name, place in zip(names, order, strict=True)}
    return _removable([bundles[group] for group in groups], least)


def _removable(labels: list[str], least: int) -> list[str]:
    """The same groups, or one for all where leaving one out would leave too few images."""
    largest = max(Counter(labels).values(), default=0)
    return labels if len(labels) - largest >= least else ["all"] * len(labels)
