"""VQ: one code at each position (Esser et al. 2021, arXiv:2012.09841)."""

from typing import Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from rqbench.api import TokenizerOutput

from .codebook import Codebook, GradientCodebook
from .conv import ConvConfig
from .fixed_grid import FixedGrid, FixedGridConfig
from .moving_average import MovingAverage
from .residual import commitment, residual_quantize, starting_codebooks
from .straight_through import straight_through


class VQConfig(FixedGridConfig):
    """Everything needed to rebuild one VQ tokenizer. As published: `codebook="gradient"` and
    `legacy_commitment=True`."""

    codebook_size: int = Field(1024, gt=1, description="k")
    codebook: Literal["ema", "gradient"] = Field("ema", description="how the codebook learns")
    average: MovingAverage = MovingAverage()
    commitment_weight: float = Field(0.25, ge=0, description="beta")
    legacy_commitment: bool = Field(
        False, description="beta weighs the codebook term and 1 the commitment, by gradient only"
    )


class VQ(FixedGrid):
    """The shared convolutional halves with one search of a codebook between them."""

    Config = VQConfig
    config: VQConfig

    def __init__(self, config: VQConfig) -> None:
        super().__init__(config, depth=1)
        size, width = config.codebook_size, config.conv.embedding
        self.table: Codebook | GradientCodebook = (
            Codebook(size, width, config.average)
            if config.codebook == "ema"
            else GradientCodebook(size, width)
        )

    @classmethod
    def tiny(cls) -> "VQ":
        """Images whose sides divide by 4, such as 16x16."""
        return cls(VQConfig(conv=ConvConfig.tiny(), codebook_size=8))

    def codebook(self) -> Float[Tensor, "d k e"]:
        return self.table.vectors.detach()[None]

    def forward(self, images: Float[Tensor, "b 3 H W"]) -> TokenizerOutput:
        latents = self.halves.encode(images)
        if self.training and isinstance(self.table, Codebook) and self.table.needs_start:
            start = starting_codebooks(latents, 1, self.config.codebook_size, shared=True)
            self.table.start(start[0], latents[..., 0].numel())
        codes, prefixes = residual_quantize(latents, self.codebook())
        if self.training and isinstance(self.table, Codebook):
            flat = latents.flatten(0, 2)
            self.table.collect(flat, codes.flatten(), torch.ones_like(flat[:, 0]))
        reconstructions = self.halves.decode(straight_through(latents, prefixes[..., 0, :]))
        return TokenizerOutput(
            reconstructions, self.as_codes(codes), self._losses(latents, codes, prefixes)
        )

    def _losses(self, latents: Tensor, codes: Tensor, prefixes: Tensor) -> dict[str, Tensor]:
        beta = self.config.commitment_weight
        if isinstance(self.table, Codebook):
            return {"commitment": beta * commitment(latents, prefixes)}
        to_codebook, to_encoder = (beta, 1.0) if self.config.legacy_commitment else (1.0, beta)
        quantized = self.table.vectors[codes[..., 0]]  # with its gradient
        return {
            "commitment": to_encoder * commitment(latents, prefixes),
            "codebook": to_codebook * (quantized - latents.detach()).square().mean(),
        }

    def after_step(self) -> None:
        if isinstance(self.table, Codebook):
            self.table.after_step()
