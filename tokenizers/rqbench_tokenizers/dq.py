"""DQ: codes of several grains, fine where the detail is (Huang et al. 2023, arXiv:2305.11718)."""

from functools import partial

import torch
from einops import rearrange
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from rqbench.api import (
    CodeLayout,
    Codes,
    OperatingPoint,
    Tokenizer,
    TokenizerOutput,
    cell_sizes,
    spread,
)

from .codebook import Codebook
from .conv import ConvDecoder, Head, Trunk
from .conv_config import ConvConfig
from .dq_config import DQConfig
from .dq_thresholds import threshold_buffers
from .entropy import patch_entropy
from .grain_shortcuts import GrainShortcuts
from .grains import enlarge, merge
from .handicaps import handicaps_for, margins, prefer
from .moving_average import starting_vectors
from .nearest import nearest
from .positions import decoder_positions
from .router import FeatureRouter, budget_loss
from .shortcut import silence
from .straight_through import straight_through
from .thresholds import route, threshold_for, thresholds_for

CALIBRATION_BATCH = 16


class DQ(Tokenizer):
    """One encoder trunk with a head for each grain, a router that selects among them region by
    region, and a decoder that knows its positions.

    Buffers beside the codebook's: those of `dq_thresholds.py`.
    """

    Config = DQConfig
    config: DQConfig
    thresholds: Tensor
    operating_thresholds: Tensor
    calibrated: Tensor

    def __init__(self, config: DQConfig) -> None:
        super().__init__(config)
        conv, num_grains = config.conv, len(config.grain_sizes)
        self.trunk = Trunk(conv)
        self.heads = nn.ModuleList(Head(conv, level) for level in config.tap_levels)
        self.quant_conv = nn.Conv2d(conv.z, conv.embedding, 1)
        self.shortcuts: GrainShortcuts | None = None
        if conv.shortcut:
            sides = [conv.patch * 2**level for level in config.tap_levels]
            self.shortcuts = GrainShortcuts(sides, conv.embedding)
            silence(self.quant_conv)
        self.table = Codebook(
            config.codebook_size,
            conv.embedding,
            config.average,
            padding="uniform" if config.padding_row else None,
        )
        self.decoder = ConvDecoder(config.fine_conv, decoder_positions(config))
        self.router: FeatureRouter | None = None
        if config.router == "feature":
            self.router = FeatureRouter(conv.z, num_grains, config.router_style, config.gate)
        for name, value in threshold_buffers(config).items():
            self.register_buffer(name, value)

    @classmethod
    def tiny(cls) -> "DQ":
        """Images of 16x16 pixels and no other size: its decoder learns positions."""
        return cls(DQConfig(conv=ConvConfig.tiny(), resolution=16, codebook_size=8))

    def layout(self, resolution: int) -> CodeLayout:
        return self.config.layout(resolution, resolution)

    def grain_shares(self) -> tuple[float, ...]:
        finer = self.config.target_ratios
        return (1 - sum(finer), *finer)

    def codebook(self) -> Float[Tensor, "d k e"]:
        return self.table.vectors[None]

    def padding_rows(self) -> int:
        return 1 if self.config.padding_row else 0

    def forward(self, images: Float[Tensor, "b 3 H W"]) -> TokenizerOutput:
        """One training pass. The learned router draws its grains by Gumbel-softmax while training;
        in eval mode it decides as `encode` does."""
        features, layout = self._features(images), self.config.layout(*images.shape[2:])
        ones: Tensor | None = None
        if self.training and self.router is not None:
            gate = F.gumbel_softmax(self.router(features), hard=True)  # b r c g
            grain_map = gate.argmax(dim=-1)
            ones = rearrange(gate.amax(dim=-1), "b r c -> b 1 r c")
        else:
            grain_map = self._route(images, features, self.thresholds)
            gate = F.one_hot(grain_map, layout.num_grains).float()
        latents = self._latents(images, features, grain_map, layout, ones)
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
        if self.config.codebook_term:
            losses["codebook"] = error.detach()
        if self.router is not None:
            config = self.config
            losses["budget"] = budget_loss(gate, config.target_ratios, config.budget_weights)
        reconstructions = self._images(straight_through(latents, quantized), grain_map, layout)
        return TokenizerOutput(reconstructions, codes, losses)

    def _features(self, images: Tensor) -> list[Tensor]:
        """Of each grain on its own grid, coarse to fine."""
        levels = self.trunk(images)
        taps = zip(self.heads, self.config.tap_levels, strict=True)
        return [head(levels[level]) for head, level in taps]

    def _entropies(self, images: Tensor) -> Float[Tensor, "b r c"]:
        return patch_entropy(images, self.config.conv.downsample, self.config.entropy_bins)

    def _route(
        self, images: Tensor, features: list[Tensor], thresholds: Float[Tensor, " t"]
    ) -> Int[Tensor, "b r c"]:
        if self.router is None:
            return route(self._entropies(images), thresholds)
        return prefer(margins(self.router(features)), thresholds)

    def _latents(
        self,
        images: Tensor,
        features: list[Tensor],
        grain_map: Tensor,
        layout: CodeLayout,
        ones: Float[Tensor, "b 1 r c"] | None = None,
    ) -> Float[Tensor, "b h w e"]:
        """`ones` carry the gradient of the choice of grains: to what was chosen, not to the bias
        that all grains share."""

        def chosen(merged: Tensor) -> Tensor:
            return merged if ones is None else merged * enlarge(ones, layout.region_size)

        latents: Tensor = self.quant_conv(chosen(merge(features, grain_map, layout))).float()
        if self.shortcuts is not None:
            latents = latents + chosen(self.shortcuts.encode(images, grain_map, layout))
        return rearrange(latents, "b e h w -> b h w e")

    def _images(
        self, quantized: Float[Tensor, "b h w e"], grain_map: Tensor, layout: CodeLayout
    ) -> Float[Tensor, "b 3 H W"]:
        """Around [0, 1], not clamped."""
        images: Tensor = self.decoder(quantized)
        if self.shortcuts is not None:
            images = images + self.shortcuts.decode(quantized, grain_map, layout) / 2
        return images

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
        grain_map = self._route(images, features, thresholds)
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

    def last_layer(self) -> Tensor:
        return self.decoder.conv_out.weight

    def operating_points(self) -> tuple[OperatingPoint, ...]:
        """Of two grains, after calibration or from a published table: thresholds that give other
        shares of fine regions. Their names are the shares on the images that the thresholds were
        made from; other images have their own."""
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
        """Start the linear paths, and calibrate the entropy router unless its config knows better:
        its thresholds are quantiles of these images' entropies."""
        if self.shortcuts is not None:
            self.shortcuts.start(images)
        if self.router is None and self.config.thresholds == "calibrated":
            entropies = self._entropies(images).flatten()
            self._calibrate(entropies, thresholds_for(entropies, self.config.target_ratios))

    @torch.no_grad()
    def after_training(self, images: Float[Tensor, "b 3 H W"]) -> None:
        """Calibrate the learned router, whose own preference may have settled beside the budget: on
        these images each grain then has its target share, unless preferences tie."""
        if self.router is not None and self.config.thresholds == "calibrated":
            parts = torch.split(images, CALIBRATION_BATCH)
            found = torch.cat([margins(self.router(self._features(part))) for part in parts])
            flat = found.flatten(0, 2)  # regions, finer grains
            self._calibrate(flat[:, 0], handicaps_for(flat, self.config.target_ratios))

    def _calibrate(self, scores: Float[Tensor, " n"], thresholds: Float[Tensor, " t"]) -> None:
        """Set the thresholds, and from the scores those of the operating points of two grains."""
        self.thresholds.copy_(thresholds)
        ratios = self.config.operating_ratios
        self.operating_thresholds.copy_(torch.stack([threshold_for(scores, r) for r in ratios]))
        self.calibrated.fill_(True)
