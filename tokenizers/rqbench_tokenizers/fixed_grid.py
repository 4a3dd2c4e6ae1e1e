"""What VQ and RQ share: halves around a quantizer that gives each position equally many codes."""

from abc import abstractmethod

import torch
from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor

from rqbench.api import CodeLayout, Codes, Config, Tokenizer

from .conv_config import ConvConfig
from .halves import Halves
from .residual import embed, residual_codes, soft_residual


class FixedGridConfig(Config):
    """What every tokenizer of a fixed grid needs."""

    conv: ConvConfig = ConvConfig()
    codebook_size: int = Field(gt=1, description="k, of each codebook")


class FixedGrid(Tokenizer):
    """A tokenizer of d codes at each position. A subclass says how it trains and what its codebooks
    are."""

    Config = FixedGridConfig
    config: FixedGridConfig

    def __init__(self, config: FixedGridConfig, depth: int) -> None:
        super().__init__(config)
        self.depth = depth
        self.halves = Halves(config.conv)

    @abstractmethod
    def codebook(self) -> Float[Tensor, "d k e"]: ...

    def layout(self, resolution: int) -> CodeLayout:
        side = self.config.conv.side(resolution)
        return CodeLayout(side, side, self.depth, self.config.codebook_size)

    def encode(self, images: Float[Tensor, "b 3 H W"]) -> Codes:
        return self.encode_prefix(images, self.depth)

    def encode_prefix(self, images: Float[Tensor, "b 3 H W"], depth: int) -> Codes:
        """The first `depth` codes of each position."""
        latents = self.halves.encode(images)
        return self.as_codes(residual_codes(latents, self.codebook()[:depth]))

    def decode(self, codes: Codes) -> Float[Tensor, "b 3 H W"]:
        """Images from all codes of each position, or from the first ones."""
        images = self.halves.decode(embed(codes.values, self.codebook()[: codes.layout.depth]))
        return images.clamp(0, 1)

    def soft_codes(
        self,
        images: Float[Tensor, "b 3 H W"],
        temperature: float,
        generator: torch.Generator | None = None,
    ) -> tuple[Float[Tensor, "b h w d k"], Codes]:
        latents = self.halves.encode(images)
        probabilities, values = soft_residual(latents, self.codebook(), temperature, generator)
        return probabilities, self.as_codes(values)

    def last_layer(self) -> Tensor:
        return self.halves.decoder.conv_out.weight

    def as_codes(self, values: Int[Tensor, "b h w d"]) -> Codes:
        """The codes with their layout, which fits images of any size and prefixes of any depth."""
        height, width, depth = values.shape[1:]
        return Codes(values, CodeLayout(height, width, depth, self.config.codebook_size))

    def before_training(self, images: Float[Tensor, "b 3 H W"]) -> None:
        self.halves.start(images)
