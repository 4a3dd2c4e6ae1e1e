"""Codes: the integers that stand for a batch of images."""

from dataclasses import dataclass

import torch
from einops import rearrange
from jaxtyping import Bool, Float, Int
from torch import Tensor

from .layout import CodeLayout


@dataclass(frozen=True)
class Codes:
    """The codes of b images on the finest grid, and the grain of each region where codes are
    dynamic.

    Attributes:
        values: Int[b h w d]. A coarse region's one code stands in all the cells that it fills.
        layout: the layout that the values keep.
        grain_map: Int[b r c], the grain of each region, 0 the coarsest; None for fixed length.

    Raises:
        ValueError: shapes that do not fit the layout; on CPU tensors also a value out of range or a
            coarse area whose cells differ. On an accelerator a look at values would make the host
            wait; call `check()` where that is wanted.
    """

    values: Int[Tensor, "b h w d"]
    layout: CodeLayout
    grain_map: Int[Tensor, "b r c"] | None = None

    def __post_init__(self) -> None:
        layout, shape = self.layout, tuple(self.values.shape[1:])
        if shape != (layout.height, layout.width, layout.depth):
            raise ValueError(f"Codes of shape {shape} an image do not fit the layout {layout}.")
        if layout.is_dynamic != (self.grain_map is not None):
            raise ValueError(
                f"The layout {layout} {'needs' if layout.is_dynamic else 'has no'} grain map."
            )
        map_shape = None if self.grain_map is None else tuple(self.grain_map.shape)
        if map_shape not in (None, (len(self.values), *layout.region_grid)):
            raise ValueError(
                f"A grain map of shape {map_shape} does not fit {len(self.values)} images of the "
                f"layout {layout}."
            )
        if self.values.device.type == "cpu":
            self.check()

    def check(self) -> None:
        """Look at every value.

        Raises:
            ValueError: as in the class.
        """
        k = self.layout.codebook_size
        if self.values.numel() == 0:
            return
        low, high = int(self.values.min()), int(self.values.max())
        if low < 0 or high >= k:
            raise ValueError(f"Codes run from {low} to {high}; the codebook has 0 to {k - 1}.")
        if self.grain_map is None:
            return
        low, high = int(self.grain_map.min()), int(self.grain_map.max())
        if low < 0 or high >= self.layout.num_grains:
            raise ValueError(
                f"The grain map runs from {low} to {high}; grains are 0 to "
                f"{self.layout.num_grains - 1}."
            )
        if not bool((self.values == spread(self.values, self.grain_map, self.layout)).all()):
            raise ValueError("Cells that share one coarse code hold different codes.")

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, images: slice | Tensor) -> "Codes":
        grain_map = None if self.grain_map is None else self.grain_map[images]
        return Codes(self.values[images], self.layout, grain_map)

    def to(self, device: torch.device | str) -> "Codes":
        grain_map = None if self.grain_map is None else self.grain_map.to(device)
        return Codes(self.values.to(device), self.layout, grain_map)

    def tensors(self) -> list[Tensor]:
        """All that sets images of one layout apart: the grain map, where there is one, and the
        values."""
        return [self.values] if self.grain_map is None else [self.grain_map, self.values]

    def num_codes(self) -> Int[Tensor, " b"]:
        """How many codes each image needs."""
        per_region = torch.tensor(self.layout.codes_per_region, device=self.values.device)
        if self.grain_map is None:
            return torch.full((len(self),), self.layout.max_codes, device=self.values.device)
        return per_region[self.grain_map].sum(dim=(1, 2))

    def nominal_bits(self) -> Float[Tensor, " b"]:
        """log2 k bits a code, and log2 of the number of grains a region for the map."""
        return self.num_codes().double() * self.layout.bits_per_code + self.layout.map_bits

    def code_mask(self) -> Bool[Tensor, "b h w"]:
        """The cells that hold a code of their own: the top-left one of each coarse area."""
        h, w = self.layout.height, self.layout.width
        if self.grain_map is None:
            return torch.ones(len(self), h, w, dtype=torch.bool, device=self.values.device)
        size = cell_sizes(self.grain_map, self.layout)
        rows = torch.arange(h, device=size.device)[:, None]
        columns = torch.arange(w, device=size.device)
        return (rows % size == 0) & (columns % size == 0)


def concatenate(parts: list[Codes]) -> Codes:
    """The images of all parts, in order; all must have the same layout."""
    maps = [part.grain_map for part in parts if part.grain_map is not None]
    return Codes(
        torch.cat([part.values for part in parts]),
        parts[0].layout,
        torch.cat(maps) if maps else None,
    )


def cell_grains(grain_map: Int[Tensor, "b r c"], layout: CodeLayout) -> Int[Tensor, "b h w"]:
    """The grain of each cell of the finest grid."""
    size = layout.region_size
    return grain_map.repeat_interleave(size, dim=1).repeat_interleave(size, dim=2)


def cell_sizes(grain_map: Int[Tensor, "b r c"], layout: CodeLayout) -> Int[Tensor, "b h w"]:
    """The side, in cells, of the area that each cell's code fills."""
    sizes = torch.tensor(layout.grain_sizes, device=grain_map.device)
    return sizes[cell_grains(grain_map, layout)]


def spread(
    values: Int[Tensor, "b h w d"], grain_map: Int[Tensor, "b r c"], layout: CodeLayout
) -> Int[Tensor, "b h w d"]:
    """Copy the top-left code of each coarse area into all its cells."""
    grains = cell_grains(grain_map, layout)
    result = values
    for grain, size in enumerate(layout.grain_sizes):
        if size == 1:
            continue
        corner = values[:, ::size, ::size]
        filled = corner.repeat_interleave(size, dim=1).repeat_interleave(size, dim=2)
        result = torch.where(rearrange(grains == grain, "b h w -> b h w 1"), filled, result)
    return result
