"""What a DQ tokenizer is rebuilt from, and the grids that follow from it."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from rqbench.api import CodeLayout, Config, ConfigError

from .conv import ConvConfig
from .entropy import Bins
from .moving_average import MovingAverage

BudgetWeight = Annotated[float, Field(ge=0)]
PUBLISHED_BUDGETS = {2: (20.0,), 3: (1.0, 1.0)}
"""Budget weights by the number of grains, median before fine: what the authors' configs make of
gamma (10, counted twice, for two grains; for three 1, which weighs the fine grain alone)."""


class DQConfig(Config):
    """Everything needed to rebuild one DQ tokenizer."""

    conv: ConvConfig = ConvConfig(attention_levels=(3, 4))
    resolution: int = Field(
        256, description="side of the images in pixels; learned positions know no other"
    )
    positions: Literal["fourier+learned", "fourier", "none"] = Field(
        "fourier+learned", description="what the decoder knows of each position; as published: both"
    )
    position_std: float = Field(
        1.0, ge=0, description="of the learned positions at the start; short trainings want 0.02"
    )
    codebook_size: int = Field(1024, gt=1, description="k, of the one codebook of all grains")
    grain_sizes: tuple[int, ...] = Field(
        (2, 1), min_length=2, description="cells a side that one code fills, coarse to fine"
    )
    router: Literal["feature", "entropy"] = Field(
        "feature", description="learned from features, or fixed by the entropy of the pixels"
    )
    target_ratios: tuple[float, ...] = Field(
        (0.5,), description="share of regions for each grain but the coarsest, coarse to fine"
    )
    budget_weight: BudgetWeight | tuple[BudgetWeight, ...] | Literal["published"] = Field(
        20.0,
        description="of the learned router's budget: one for all finer grains, or one for each; "
        "published: 20 for two grains; for three 1 and gamma = 1",
    )
    entropy_bins: Bins = Field("signed", description="range of the entropy's bins")
    statistics: Literal["codes", "cells"] = Field(
        "codes",
        description="each code counts once for the codebook; or, as published, in each cell",
    )
    average: MovingAverage = MovingAverage()
    commitment_weight: float = Field(0.25, ge=0, description="beta")
    operating_ratios: tuple[float, ...] = Field(
        (0.1, 0.3, 0.5, 0.7, 0.9), description="fine shares that two grains also offer"
    )

    @model_validator(mode="after")
    def _grains_fit(self) -> "DQConfig":
        sizes, levels = self.grain_sizes, len(self.conv.multipliers)
        if any(size & (size - 1) for size in sizes) or sizes[0].bit_length() > levels:
            raise ValueError(
                f"grain_sizes {sizes} must be powers of two up to {2 ** (levels - 1)}: each "
                f"halving is one of the {levels} levels of conv.multipliers"
            )
        shares = self.target_ratios
        if len(shares) != len(sizes) - 1 or min(shares) < 0 or sum(shares) > 1:
            raise ValueError(
                f"target_ratios {shares} must be {len(sizes) - 1} shares, one for each grain but "
                "the coarsest, that sum to at most 1"
            )
        self._budget_fits()
        self.layout(self.resolution, self.resolution)
        return self

    def _budget_fits(self) -> None:
        weights, finer = self.budget_weight, len(self.grain_sizes) - 1
        if weights == "published" and finer + 1 not in PUBLISHED_BUDGETS:
            raise ValueError(
                f"budget_weight: nothing was published for {finer + 1} grains; give a number, or "
                f"{finer} of them"
            )
        if isinstance(weights, tuple) and len(weights) != finer:
            raise ValueError(
                f"budget_weight {weights} must be one number, or {finer}, one for each grain but "
                "the coarsest"
            )

    @property
    def budget_weights(self) -> tuple[float, ...]:
        """One for each grain but the coarsest."""
        if self.budget_weight == "published":
            return PUBLISHED_BUDGETS[len(self.grain_sizes)]
        if isinstance(self.budget_weight, tuple):
            return self.budget_weight
        return (self.budget_weight,) * (len(self.grain_sizes) - 1)

    @property
    def fine_conv(self) -> ConvConfig:
        """The levels down to the finest grain's grid, which the decoder has."""
        return self.conv.finest(len(self.conv.multipliers) + 1 - self.grain_sizes[0].bit_length())

    @property
    def tap_levels(self) -> list[int]:
        """The encoder's level that each grain's features come from, coarse to fine."""
        last, region = len(self.conv.multipliers) - 1, self.grain_sizes[0]
        return [last + size.bit_length() - region.bit_length() for size in self.grain_sizes]

    def layout(self, height_px: int, width_px: int) -> CodeLayout:
        """The layout of images of these sides.

        Raises:
            ConfigError: sides that do not divide, or for which no positions were learned.
        """
        if self.positions == "fourier+learned" and {height_px, width_px} != {self.resolution}:
            raise ConfigError(
                f"This DQ tokenizer learns positions for images of {self.resolution} pixels a side "
                f"and cannot code {height_px}x{width_px}. Resize the images, or train one with "
                "another `resolution`, or with `positions: fourier`."
            )
        region = self.grain_sizes[0]
        cells = [self.conv.side(pixels) * region for pixels in (height_px, width_px)]
        return CodeLayout(cells[0], cells[1], 1, self.codebook_size, self.grain_sizes)
