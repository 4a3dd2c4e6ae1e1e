"""Encoder and decoder of a tokenizer with one grid, and the linear path beside them."""

from jaxtyping import Float
from torch import Tensor, nn

from .conv import ConvDecoder, ConvEncoder
from .conv_config import ConvConfig
from .shortcut import Shortcut


class Halves(nn.Module):
    """Everything of a tokenizer but what lies between encoder and decoder."""

    def __init__(self, config: ConvConfig) -> None:
        super().__init__()
        self.encoder = ConvEncoder(config)
        self.decoder = ConvDecoder(config)
        self.shortcut = Shortcut(config.downsample, config.embedding) if config.shortcut else None

    def encode(self, images: Float[Tensor, "b 3 H W"]) -> Float[Tensor, "b h w e"]:
        """Latents in float32."""
        latents: Tensor = self.encoder(images)
        return latents if self.shortcut is None else latents + self.shortcut.encode(images)

    def decode(self, quantized: Float[Tensor, "b h w e"]) -> Float[Tensor, "b 3 H W"]:
        """Images around [0, 1], not clamped."""
        images: Tensor = self.decoder(quantized)
        return images if self.shortcut is None else images + self.shortcut.decode(quantized) / 2

    def start(self, images: Float[Tensor, "b 3 H W"]) -> None:
        """Let the linear path, where there is one, start from these images."""
        if self.shortcut is not None:
            self.shortcut.start(images)
