"""CodeLayout: what a tokenizer's codes look like, and so what a prior has to model."""

import math
from dataclasses import dataclass
from itertools import pairwise

from .errors import ConfigError


@dataclass(frozen=True)
class CodeLayout:
    """The grid, the stack and the vocabulary of one image's codes.

    Attributes:
        height, width: cells of the finest grid.
        depth: codes stacked at one cell (1 for plain VQ).
        codebook_size: k; codes are integers in [0, k).
        grain_sizes: empty for codes of fixed length. For dynamic codes, the side in cells of the
            area that one code of each grain fills, coarse to fine: (2, 1) for two grains, (4, 2, 1)
            for three. The first is also the side of a region, in which all cells share a grain.

    Raises:
        ConfigError: sizes that do not fit each other.
    """

    height: int
    width: int
    depth: int
    codebook_size: int
    grain_sizes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if min(self.height, self.width, self.depth) < 1 or self.codebook_size < 2:
            raise ConfigError(f"{self} describes no codes: sides and depth start at 1, k at 2.")
        sizes = self.grain_sizes
        if not sizes:
            return
        if len(sizes) < 2 or sizes[-1] != 1:
            raise ConfigError(
                f"grain_sizes {sizes} must name at least two grains and end with 1, the finest "
                f"cell."
            )
        if any(a <= b or a % b for a, b in pairwise(sizes)):
            raise ConfigError(f"grain_sizes {sizes} must fall, each dividing the one before it.")
        if self.height % sizes[0] or self.width % sizes[0]:
            raise ConfigError(
                f"A grid of {self.height}x{self.width} cells does not divide into regions of side "
                f"{sizes[0]}. Choose a resolution whose grid is a multiple of it."
            )

    @property
    def is_dynamic(self) -> bool:
        """Whether the number of codes varies from image to image."""
        return bool(self.grain_sizes)

    @property
    def num_grains(self) -> int:
        return len(self.grain_sizes) or 1

    @property
    def region_size(self) -> int:
        """Side of a region in cells; 1 where codes have a fixed length."""
        return self.grain_sizes[0] if self.grain_sizes else 1

    @property
    def region_grid(self) -> tuple[int, int]:
        """Rows and columns of the grain map."""
        return self.height // self.region_size, self.width // self.region_size

    @property
    def num_regions(self) -> int:
        rows, columns = self.region_grid
        return rows * columns

    @property
    def codes_per_region(self) -> tuple[int, ...]:
        """Codes that a region holds in each grain, the stack counted: (1, 4) for sizes (2, 1)."""
        sizes = self.grain_sizes or (1,)
        return tuple((self.region_size // size) ** 2 * self.depth for size in sizes)

    @property
    def min_codes(self) -> int:
        return self.num_regions * self.codes_per_region[0]

    @property
    def max_codes(self) -> int:
        return self.num_regions * self.codes_per_region[-1]

    @property
    def bits_per_code(self) -> float:
        """Nominal bits of one code, log2 k."""
        return math.log2(self.codebook_size)

    @property
    def map_bits(self) -> float:
        """Nominal bits of the grain map of one image; 0 where there is none."""
        return self.num_regions * math.log2(self.num_grains) if self.is_dynamic else 0.0

    def __str__(self) -> str:
        grains = f", grains {'/'.join(map(str, self.grain_sizes))}" if self.is_dynamic else ""
        return f"{self.height}x{self.width}x{self.depth}, k={self.codebook_size}{grains}"
