"""What a DQ tokenizer is rebuilt from, and the grids that follow from it."""

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field, model_validator

from rqbench.api import CodeLayout, Config, ConfigError

from .blocks import Style
from .conv_config import ConvConfig
from .entropy import Bins
from .moving_average import MovingAverage
from .published_thresholds import RowRule, Table, published_threshold
from .router import Gate

BudgetWeight = Annotated[float, Field(ge=0)]
PUBLISHED_BUDGETS = {2: (20.0,), 3: (1.0, 1.0)}
"""Budget weights by the number of grains, median before fine: what the authors' configs make of
gamma (10, counted twice, for two grains; for three 1, which weighs the fine grain alone)."""


class DQConfig(Config):
    """Everything needed to rebuild one DQ tokenizer."""

    conv: ConvConfig = ConvConfig(attention_levels=(3, 4))
    decoder: ConvConfig | None = Field(
        None, description="the decoder's levels, where they are not the first ones of `conv`"
    )
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
    gate: Gate = Field(
        "silu", description="of the learned router: two layers around silu or relu, or one linear"
    )
    router_norm_groups: int | None = Field(
        None,
        ge=0,
        description="of the learned router; 0: not normalised; None: as conv.norm_groups",
    )
    target_ratios: tuple[float, ...] = Field(
        (0.5,), description="share of regions for each grain but the coarsest, coarse to fine"
    )
    budget_weight: BudgetWeight | tuple[BudgetWeight, ...] | Literal["published"] = Field(
        20.0,
        description="of the learned router's budget: one for all finer grains, or one for each; "
        "published: 20 for two grains; for three 1 and gamma = 1",
    )
    entropy_bins: Bins = Field(
        "signed",
        description="range of the entropy's bins: [-1, 1] as the released code, or unit: [0, 1], "
        "with which the published thresholds were made",
    )
    thresholds: Literal["calibrated", "none"] | Table | tuple[float, ...] = Field(
        "calibrated",
        description="of the router, from training images; none: the largest logit wins, as "
        "published; a published table, made for the entropy of 16x16 pixels and two grains, at "
        "target_ratios; or ascending numbers",
    )
    threshold_row: RowRule = Field(
        "nearest", description="of a published table; the released code truncates 100 - 100 r"
    )
    statistics: Literal["codes", "cells"] = Field(
        "codes",
        description="each code counts once for the codebook; or, as published, in each cell",
    )
    padding_row: bool = Field(
        False, description="below the codebook a random row that no code names, as published"
    )
    average: MovingAverage = MovingAverage()
    commitment_weight: float = Field(0.25, ge=0, description="beta")
    codebook_term: bool = Field(
        False, description="also the published term without gradient: adds to the loss's value only"
    )
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
        self._decoder_fits()
        self._thresholds_fit()
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

    def _decoder_fits(self) -> None:
        if self.decoder is None:
            return
        own, fine = self.decoder, self.conv.finest(self._num_fine_levels)
        for name in ("embedding", "z", "downsample", "shortcut"):
            if getattr(own, name) != getattr(fine, name):
                raise ValueError(
                    f"decoder: its {name} is {getattr(own, name)}, and that of the finest grain of "
                    f"`conv` is {getattr(fine, name)}; let them be the same"
                )

    def _thresholds_fit(self) -> None:
        source, finer = self.thresholds, len(self.grain_sizes) - 1
        if isinstance(source, tuple):
            if len(source) != finer or list(source) != sorted(source):
                raise ValueError(f"thresholds {source} must be {finer} numbers, ascending")
        elif source == "none":
            if self.router == "entropy":
                raise ValueError("thresholds: none is for logits; entropies need some")
        elif source != "calibrated":
            if self.router != "entropy" or finer != 1:
                raise ValueError(
                    f"thresholds: the table {source} is for the entropy router with two grains"
                )
            self.known_operating_thresholds()  # its error names the rows that there are
            self.known_thresholds()

    def known_thresholds(self) -> tuple[float, ...] | None:
        """Of the router, where the config tells them; None: images have to."""
        if self.thresholds == "calibrated":
            return None
        if self.thresholds == "none":
            return (0.0,) * (len(self.grain_sizes) - 1)
        if isinstance(self.thresholds, tuple):
            return self.thresholds
        return (published_threshold(self.thresholds, self.target_ratios[0], self.threshold_row),)

    def known_operating_thresholds(self) -> tuple[float, ...] | None:
        """Those of the operating ratios, where a published table tells them."""
        table, rule = self.thresholds, self.threshold_row
        if isinstance(table, tuple) or table == "calibrated" or table == "none":
            return None
        return tuple(published_threshold(table, ratio, rule) for ratio in self.operating_ratios)

    @property
    def budget_weights(self) -> tuple[float, ...]:
        """One for each grain but the coarsest."""
        if self.budget_weight == "published":
            return PUBLISHED_BUDGETS[len(self.grain_sizes)]
        if isinstance(self.budget_weight, tuple):
            return self.budget_weight
        return (self.budget_weight,) * (len(self.grain_sizes) - 1)

    @property
    def _num_fine_levels(self) -> int:
        return len(self.conv.multipliers) + 1 - self.grain_sizes[0].bit_length()

    @property
    def fine_conv(self) -> ConvConfig:
        """The levels down to the finest grain's grid, which the decoder has."""
        return self.decoder or self.conv.finest(self._num_fine_levels)

    @property
    def router_style(self) -> Style | None:
        """How the learned router's features are normalised."""
        if self.router_norm_groups is None:
            return self.conv.style
        if self.router_norm_groups == 0:
            return None
        return replace(self.conv.style, groups=self.router_norm_groups, exact_groups=True)

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
