"""What the depth-stacked prior remembers of images that are being drawn.

Axes: b images, t positions, d depth.
"""

from dataclasses import dataclass

from torch import Tensor

from .generation import State
from .transformer import KeyValueCache


@dataclass(kw_only=True)
class DepthStackedState(State):
    """Images that are being drawn.

    Attributes:
        values: Int[b t d], the codes so far.
        drawn: how many codes each image has.
    """

    prefix: Tensor
    body_cache: KeyValueCache
    depth_cache: KeyValueCache
    values: Tensor
    image: Tensor
    drawn: int = 0
