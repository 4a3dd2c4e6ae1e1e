"""FSQ: a few numbers at each position, each rounded (Mentzer et al. 2023, arXiv:2309.15505).

The codes count the points of a fixed grid, so that there is no codebook to learn, to average or to
restart, and no commitment loss. The rounding is that of the library vector-quantize-pytorch, the
halves around it are those of rqbench.
"""

import math
from typing import Annotated

import torch
from jaxtyping import Float
from pydantic import Field
from torch import Tensor
from vector_quantize_pytorch import FSQ as Rounding

from rqbench.api import CodeLayout, Codes, Config, Tokenizer, TokenizerOutput
from rqbench_tokenizers.conv_config import ConvConfig
from rqbench_tokenizers.halves import Halves
from rqbench_tokenizers.residual import embed


class FSQConfig(Config):
    """Everything needed to rebuild one FSQ tokenizer."""

    conv: ConvConfig = ConvConfig()
    levels: tuple[Annotated[int, Field(ge=3)], ...] = Field(
        (8, 5, 5, 5), min_length=1, description="values of each rounded number; their product is k"
    )


class FSQ(Tokenizer):
    """The shared convolutional halves with rounding between them.

    Linear maps lead from the e numbers of a latent to one for each of `levels`, and back.
    """

    Config = FSQConfig
    config: FSQConfig

    def __init__(self, config: FSQConfig) -> None:
        super().__init__(config)
        self.halves = Halves(config.conv)
        self.rounding = Rounding(config.levels, dim=config.conv.embedding)
        self.codebook_size = math.prod(config.levels)

    @classmethod
    def tiny(cls) -> "FSQ":
        """Images whose sides divide by 4, such as 16x16; an even and an odd number of levels."""
        return cls(FSQConfig(conv=ConvConfig.tiny(), levels=(4, 3)))

    def layout(self, resolution: int) -> CodeLayout:
        side = self.config.conv.side(resolution)
        return CodeLayout(side, side, 1, self.codebook_size)

    def codebook(self) -> Float[Tensor, "1 k e"]:
        """Where the grid's points lie among the latents; it moves as the maps learn."""
        device = next(self.parameters()).device
        every_code = torch.arange(self.codebook_size, device=device)
        vectors: Tensor = self.rounding.indices_to_codes(every_code)
        return vectors.detach()[None]

    def forward(self, images: Float[Tensor, "b 3 H W"]) -> TokenizerOutput:
        codes, vectors = self._round(self.halves.encode(images))
        return TokenizerOutput(self.halves.decode(vectors), codes)

    def encode(self, images: Float[Tensor, "b 3 H W"]) -> Codes:
        return self._round(self.halves.encode(images))[0]

    def decode(self, codes: Codes) -> Float[Tensor, "b 3 H W"]:
        return self.halves.decode(embed(codes.values, self.codebook())).clamp(0, 1)

    def before_training(self, images: Float[Tensor, "b 3 H W"]) -> None:
        self.halves.start(images)

    def _round(self, latents: Float[Tensor, "b h w e"]) -> tuple[Codes, Float[Tensor, "b h w e"]]:
        """The codes, and the vectors that they name with the gradient that rounding lacks.

        Positions go to the library as one sequence, because it takes four axes for channels first.
        """
        with torch.autocast(latents.device.type, enabled=False):  # half precision rounds elsewhere
            vectors, indices = self.rounding(latents.flatten(1, 2))
        values = indices.long().reshape(*latents.shape[:-1], 1)
        height, width = latents.shape[1:3]
        layout = CodeLayout(height, width, 1, self.codebook_size)
        return Codes(values, layout), vectors.reshape(latents.shape)
