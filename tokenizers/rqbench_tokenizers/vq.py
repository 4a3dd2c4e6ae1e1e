"""VQ: one code at each position (Esser et al. 2021, arXiv:2012.09841)."""

from typing import Literal

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor

from rqbench.api import Codes, TokenizerOutput

from .codebook import Codebook, GradientCodebook
from .conv_config import ConvConfig
from .fixed_grid import FixedGrid, FixedGridConfig
from .gumbel import GumbelCodebook
from .moving_average import MovingAverage
from .residual import commitment, draw, residual_quantize, starting_codebooks
from .straight_through import straight_through


class VQConfig(FixedGridConfig):
    """Everything needed to rebuild one VQ tokenizer. As published: `codebook="gradient"` and
    `legacy_commitment=True`."""

    codebook_size: int = Field(1024, gt=1, description="k")
    codebook: Literal["ema", "gradient", "gumbel"] = Field(
        "ema",
        description="learns by moving average; by gradient; or by gradient, with a classifier that "
        "chooses codes in place of the search, as the published f8 variant",
    )
    average: MovingAverage = MovingAverage()
    commitment_weight: float = Field(0.25, ge=0, description="beta")
    legacy_commitment: bool = Field(
        False, description="beta weighs the codebook term and 1 the commitment, by gradient only"
    )
    gumbel_temperature: float = Field(1.0, gt=0, description="of the classifier's draws")
    kl_weight: float = Field(
        1e-8, ge=0, description="of the classifier's distance in nats from using all codes equally"
    )


class VQ(FixedGrid):
    """The shared convolutional halves with one search of a codebook between them."""

    Config = VQConfig
    config: VQConfig

    def __init__(self, config: VQConfig) -> None:
        super().__init__(config, depth=1)
        size, width = config.codebook_size, config.conv.embedding
        self.table: Codebook | GradientCodebook | GumbelCodebook
        if config.codebook == "ema":
            self.table = Codebook(size, width, config.average)
        else:
            learned = GradientCodebook if config.codebook == "gradient" else GumbelCodebook
            self.table = learned(size, width)

    @classmethod
    def tiny(cls) -> "VQ":
        """Images whose sides divide by 4, such as 16x16."""
        return cls(VQConfig(conv=ConvConfig.tiny(), codebook_size=8))

    def codebook(self) -> Float[Tensor, "d k e"]:
        return self.table.vectors.detach()[None]

    def encode_prefix(self, images: Float[Tensor, "b 3 H W"], depth: int) -> Codes:
        if isinstance(self.table, GumbelCodebook):
            return self.as_codes(self.table.likeliest(self.halves.encode(images)))
        return super().encode_prefix(images, depth)

    @torch.no_grad()
    def soft_codes(
        self,
        images: Float[Tensor, "b 3 H W"],
        temperature: float,
        generator: torch.Generator | None = None,
    ) -> tuple[Float[Tensor, "b h w d k"], Codes]:
        if not isinstance(self.table, GumbelCodebook):
            return super().soft_codes(images, temperature, generator)
        logits = self.table.logits(self.halves.encode(images)) / temperature
        flat = logits.flatten(0, 2)
        codes = flat.argmax(dim=-1) if generator is None else draw(flat, generator)
        probabilities = logits.softmax(dim=-1)[..., None, :]
        return probabilities, self.as_codes(codes.view(*logits.shape[:3], 1))

    def forward(self, images: Float[Tensor, "b 3 H W"]) -> TokenizerOutput:
        latents = self.halves.encode(images)
        if isinstance(self.table, GumbelCodebook):
            codes, vectors, divergence = self.table(latents, self.config.gumbel_temperature)
            losses = {"kl": self.config.kl_weight * divergence}
            return TokenizerOutput(self.halves.decode(vectors), self.as_codes(codes), losses)
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
        if not isinstance(self.table, GradientCodebook):
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
