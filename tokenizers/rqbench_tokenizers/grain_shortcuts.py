"""The linear path of each grain: every region goes by that of the grain it got.

Ours, not published; see `shortcut.py`. File letters: r and c are rows and columns of regions.
"""

from collections.abc import Sequence

import torch
from einops import rearrange
from jaxtyping import Float, Int
from torch import Tensor, nn

from rqbench.api import CodeLayout

from .grains import enlarge, merge
from .shortcut import Shortcut


class GrainShortcuts(nn.ModuleList):
    """A linear path for each grain, coarse to fine.

    Args:
        sides: of the patches of each grain in pixels.
        embedding: e, width of the vectors.
    """

    def __init__(self, sides: Sequence[int], embedding: int) -> None:
        super().__init__(Shortcut(side, embedding) for side in sides)

    @property
    def paths(self) -> list[Shortcut]:
        return [path for path in self if isinstance(path, Shortcut)]

    def encode(
        self, images: Float[Tensor, "b 3 H W"], grain_map: Int[Tensor, "b r c"], layout: CodeLayout
    ) -> Float[Tensor, "b e h w"]:
        latents = [rearrange(path.encode(images), "b h w e -> b e h w") for path in self.paths]
        return merge(latents, grain_map, layout)

    def decode(
        self,
        vectors: Float[Tensor, "b h w e"],
        grain_map: Int[Tensor, "b r c"],
        layout: CodeLayout,
    ) -> Float[Tensor, "b 3 H W"]:
        """Images in [-1, 1]."""
        paths, finest = self.paths, self.paths[-1].side
        grains = enlarge(grain_map[:, None], finest * layout.region_size)
        result = vectors.new_zeros(1)
        for grain, (path, size) in enumerate(zip(paths, layout.grain_sizes, strict=True)):
            result = torch.where(grains == grain, path.decode(vectors[:, ::size, ::size]), result)
        return result

    def start(self, images: Float[Tensor, "b 3 H W"]) -> None:
        """Let each path start from the patches of its side."""
        for path in self.paths:
            path.start(images)
