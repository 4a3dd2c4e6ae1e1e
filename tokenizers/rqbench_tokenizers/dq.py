"""DQ: codes of several grains, fine where the detail is (Huang et al. 2023, arXiv:2305.11718)."""

import math
from functools import partial
from typing import Literal

import torch
from einops import rearrange
from jaxtyping import Float
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional as F

from rqbench.api import (
    CodeLayout,
    Codes,
    Config,
    ConfigError,
    OperatingPoint,
    Tokenizer,
    TokenizerOutput,
    cell_sizes,
    spread,
)

from .codebook import Codebook
from .conv import ConvConfig, ConvDecoder, Head, Trunk
from .entropy import NUM_BINS, Bins, patch_entropy
from .grains import enlarge, merge
from .moving_average import MovingAverage, starting_vectors
from .nearest import nearest
from .positions import FourierPositions, LearnedPositions
from .router import FeatureRouter, budget_loss, fineness, undecided
from .shortcut import Shortcut, silence
from .straight_through import straight_through
from .thresholds import route, threshold_for, thresholds_for

CALIBRATION_BATCH = 16


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
    budget_weight: float = Field(20.0, ge=0, description="of the learned router's budget loss")
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
        self.layout(self.resolution, self.resolution)
        return self

    @property
    def fine_conv(self) -> ConvConfig:
        """The levels down to the finest grain's grid, which the decoder has."""
        return self.conv.finest(len(self.conv.multipliers) + 1 - self.grain_sizes[0].bit_length())

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


def _positions(config: DQConfig) -> nn.Module | None:
    if config.positions == "none":
        return None
    modules: list[nn.Module] = [FourierPositions(config.conv.z)]
    if config.positions == "fourier+learned":
        side = config.layout(config.resolution, config.resolution).height
        modules.append(LearnedPositions(side, config.conv.z, config.position_std))
    return nn.Sequential(*modules)


class DQ(Tokenizer):
    """One encoder trunk with a head for each grain, a router that selects among them region by
    region, and a decoder that knows its positions.

    Buffers beside the codebook's: `thresholds`, which turn the router's scores into grains;
    `operating_thresholds`, those of other shares; `calibrated`, whether data have set both.
    """

    Config = DQConfig
    config: DQConfig
    thresholds: Tensor
    operating_thresholds: Tensor
    calibrated: Tensor

    def __init__(self, config: DQConfig) -> None:
        super().__init__(config)
        conv, num_grains = config.conv, len(config.grain_sizes)
        last, region = len(conv.multipliers) - 1, config.grain_sizes[0]
        self.tap_levels = [
            last + size.bit_length() - region.bit_length() for size in config.grain_sizes
        ]
        self.trunk = Trunk(conv)
        self.heads = nn.ModuleList(Head(conv, level) for level in self.tap_levels)
        self.quant_conv = nn.Conv2d(conv.z, conv.embedding, 1)
        self.shortcuts = nn.ModuleList(
            Shortcut(conv.patch * 2**level, conv.embedding)
            for level in (self.tap_levels if conv.shortcut else ())
        )
        if conv.shortcut:
            silence(self.quant_conv)
        self.table = Codebook(config.codebook_size, conv.embedding, config.average)
        self.decoder = ConvDecoder(config.fine_conv, _positions(config))
        self.router: FeatureRouter | None = None
        thresholds = torch.linspace(0, math.log(NUM_BINS), num_grains + 1)[1:-1]
        if config.router == "feature":
            self.router = FeatureRouter(conv.z, num_grains, conv.norm_groups)
            thresholds = undecided(num_grains)
        self.register_buffer("thresholds", thresholds)
        self.register_buffer("operating_thresholds", torch.zeros(len(config.operating_ratios)))
        self.register_buffer("calibrated", torch.tensor(False))

    @classmethod
    def tiny(cls) -> "DQ":
        """Images of 16x16 pixels and no other size: its decoder learns positions."""
        return cls(DQConfig(conv=ConvConfig.tiny(), resolution=16, codebook_size=8))

    def layout(self, resolution: int) -> CodeLayout:
        return self.config.layout(resolution, resolution)

    def codebook(self) -> Float[Tensor, "d k e"]:
        return self.table.vectors[None]

    def forward(self, images: Float[Tensor, "b 3 H W"]) -> TokenizerOutput:
        """One training pass. The learned router draws its grains by Gumbel-softmax while training;
        in eval mode it decides as `encode` does."""
        features, layout = self._features(images), self.config.layout(*images.shape[2:])
        if self.training and self.router is not None:
            gate = F.gumbel_softmax(self.router(features), hard=True)  # b r c g
            grain_map = gate.argmax(dim=-1)
            ones = rearrange(gate.amax(dim=-1), "b r c -> b 1 r c")  # with the choice's gradient
        else:
            grain_map = route(self._scores(images, features), self.thresholds)
            gate = F.one_hot(grain_map, layout.num_grains).float()
            ones = torch.ones_like(grain_map)[:, None].float()
        latents = self._latents(images, features, grain_map, layout)
        latents = latents * rearrange(enlarge(ones, layout.region_size), "b 1 h w -> b h w 1")
        if self.training:
            self._start(latents, grain_map, layout)
        codes = self._quantize(latents, grain_map, layout)
        quantized = self.table.vectors[codes.values[..., 0]]
        if self.training:
            weights = self._weights(codes).flatten()
            self.table.collect(latents.flatten(0, 2), codes.values.flatten(), weights)
        share_of_code = cell_sizes(grain_map, layout)[..., None].float().pow(-2)
        error = (share_of_code * (latents - quantized).square()).mean()
        losses = {"commitment": self.config.commitment_weight * error}
        if self.router is not None:
            over = budget_loss(gate, self.config.target_ratios)
            losses["budget"] = self.config.budget_weight * over
        reconstructions = self._images(straight_through(latents, quantized), grain_map, layout)
        return TokenizerOutput(reconstructions, codes, losses)

    def _features(self, images: Tensor) -> list[Tensor]:
        """Of each grain on its own grid, coarse to fine."""
        levels = self.trunk(images)
        taps = zip(self.heads, self.tap_levels, strict=True)
        return [head(levels[level]) for head, level in taps]

    def _scores(self, images: Tensor, features: list[Tensor]) -> Float[Tensor, "b r c"]:
        if self.router is not None:
            return fineness(self.router(features))
        return patch_entropy(images, self.config.conv.downsample, self.config.entropy_bins)

    def _latents(
        self, images: Tensor, features: list[Tensor], grain_map: Tensor, layout: CodeLayout
    ) -> Float[Tensor, "b h w e"]:
        latents: Tensor = self.quant_conv(merge(features, grain_map, layout)).float()
        if len(self.shortcuts):
            linear = [
                rearrange(shortcut.encode(images), "b h w e -> b e h w")
                for shortcut in self._shortcuts()
            ]
            latents = latents + merge(linear, grain_map, layout)
        return rearrange(latents, "b e h w -> b h w e")

    def _images(
        self, quantized: Float[Tensor, "b h w e"], grain_map: Tensor, layout: CodeLayout
    ) -> Float[Tensor, "b 3 H W"]:
        """Around [0, 1], not clamped."""
        images: Tensor = self.decoder(quantized)
        if len(self.shortcuts):
            images = images + self._linear_images(quantized, grain_map, layout) / 2
        return images

    def _linear_images(self, quantized: Tensor, grain_map: Tensor, layout: CodeLayout) -> Tensor:
        """Each region by the linear path of its grain, in [-1, 1]."""
        pixels = self.config.conv.downsample  # a side of a region
        grains = enlarge(grain_map[:, None], pixels)
        result = quantized.new_zeros(1)
        for grain, shortcut in enumerate(self._shortcuts()):
            size = layout.grain_sizes[grain]
            images = shortcut.decode(quantized[:, ::size, ::size])
            result = torch.where(grains == grain, images, result)
        return result

    def _shortcuts(self) -> list[Shortcut]:
        return [shortcut for shortcut in self.shortcuts if isinstance(shortcut, Shortcut)]

    def _quantize(self, latents: Tensor, grain_map: Tensor, layout: CodeLayout) -> Codes:
        values = nearest(latents, self.table.vectors)[..., None]
        return Codes(spread(values, grain_map, layout), layout, grain_map)

    def _weights(self, codes: Codes) -> Float[Tensor, "b h w"]:
        mask = codes.code_mask()
        return (mask if self.config.statistics == "codes" else torch.ones_like(mask)).float()

    def _start(self, latents: Tensor, grain_map: Tensor, layout: CodeLayout) -> None:
        if not self.table.needs_start:
            return
        codes = Codes(torch.zeros_like(latents[..., :1], dtype=torch.long), layout, grain_map)
        weights = self._weights(codes).flatten()
        start = starting_vectors(latents.detach().flatten(0, 2), weights, len(self.table.vectors))
        self.table.start(start, int(weights.sum()))

    def _encode(self, images: Float[Tensor, "b 3 H W"], thresholds: Float[Tensor, " t"]) -> Codes:
        features, layout = self._features(images), self.config.layout(*images.shape[2:])
        grain_map = route(self._scores(images, features), thresholds)
        latents = self._latents(images, features, grain_map, layout)
        return self._quantize(latents, grain_map, layout)

    def encode(self, images: Float[Tensor, "b 3 H W"]) -> Codes:
        return self._encode(images, self.thresholds)

    def decode(self, codes: Codes) -> Float[Tensor, "b 3 H W"]:
        grain_map = codes.grain_map
        assert grain_map is not None  # the layout has grains
        return self._images(
            self.table.vectors[codes.values[..., 0]], grain_map, codes.layout
        ).clamp(0, 1)

    def operating_points(self) -> tuple[OperatingPoint, ...]:
        """Of two grains and after calibration: thresholds that give other shares of fine regions.
        Their names are the shares on the calibration images; other images have their own."""
        if len(self.config.grain_sizes) != 2 or not bool(self.calibrated):
            return ()
        return tuple(
            OperatingPoint(
                {"threshold": threshold.item(), "fine_ratio_target": ratio},
                partial(self._encode, thresholds=threshold[None]),
            )
            for ratio, threshold in zip(
                self.config.operating_ratios, self.operating_thresholds, strict=True
            )
        )

    def after_step(self) -> None:
        self.table.after_step()

    def before_training(self, images: Float[Tensor, "b 3 H W"]) -> None:
        """Start the linear paths, and calibrate the entropy router: its thresholds are quantiles of
        these images' entropies."""
        for shortcut in self._shortcuts():
            shortcut.start(images)
        if self.router is None:
            self._calibrate(self._scores(images, features=[]))

    @torch.no_grad()
    def after_training(self, images: Float[Tensor, "b 3 H W"]) -> None:
        """Calibrate the learned router, whose own preference may have settled beside the budget: on
        these images each grain then has its target share, to within 0.05 and, unless scores tie, to
        the region."""
        if self.router is not None:
            parts = torch.split(images, CALIBRATION_BATCH)
            self._calibrate(torch.cat([self._scores(p, self._features(p)) for p in parts]))

    def _calibrate(self, scores: Float[Tensor, "b r c"]) -> None:
        config, flat = self.config, scores.flatten()
        self.thresholds.copy_(thresholds_for(flat, config.target_ratios))
        self.operating_thresholds.copy_(
            torch.stack([threshold_for(flat, ratio) for ratio in config.operating_ratios])
        )
        self.calibrated.fill_(True)
