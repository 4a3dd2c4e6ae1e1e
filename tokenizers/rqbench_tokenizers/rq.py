"""RQ: a stack of codes at each position (Lee et al. 2022, arXiv:2203.01941)."""

from functools import partial
from typing import Literal

import torch
from jaxtyping import Float, Int
from pydantic import Field
from torch import Tensor, nn

from rqbench.api import OperatingPoint, TokenizerOutput

from .codebook import Codebook
from .conv_config import ConvConfig
from .fixed_grid import FixedGrid, FixedGridConfig
from .moving_average import MovingAverage
from .residual import commitment, residual_quantize, starting_codebooks
from .straight_through import straight_through


class RQConfig(FixedGridConfig):
    """Everything needed to rebuild one RQ tokenizer."""

    codebook_size: int = Field(16384, gt=1, description="k, of each codebook")
    depth: int = Field(4, ge=1, description="codes at each position")
    shared_codebook: bool = Field(
        True, description="one codebook for all depths, as published; or one for each"
    )
    padding_row: bool = Field(
        False, description="below each codebook a row of zeros that no code names, as published"
    )
    average: MovingAverage = MovingAverage()
    updates: Literal["together", "in-turn"] = Field(
        "together",
        description="all depths search the codebook from before the step; or, as published, each "
        "depth updates it in the forward pass, and the next one searches the updated one",
    )
    commitment_weight: float = Field(0.25, ge=0)
    commitment_reduction: Literal["mean", "sum"] = Field(
        "mean", description="over depths: as the published code, or as the paper's text"
    )


class RQ(FixedGrid):
    """The shared convolutional halves with a residual quantizer between them.

    A shared codebook makes one moving-average update for each depth a step, as published; unless
    updates are made in turn, all depths have searched the same vectors, those from before the step.
    """

    Config = RQConfig
    config: RQConfig

    def __init__(self, config: RQConfig) -> None:
        super().__init__(config, config.depth)
        self.tables = nn.ModuleList(
            Codebook(
                config.codebook_size,
                config.conv.embedding,
                config.average,
                padding="zeros" if config.padding_row else None,
            )
            for _ in range(1 if config.shared_codebook else config.depth)
        )

    @classmethod
    def tiny(cls) -> "RQ":
        """Images whose sides divide by 4, such as 16x16."""
        return cls(RQConfig(conv=ConvConfig.tiny(), codebook_size=8, depth=2))

    def _table(self, depth: int) -> Codebook:
        table = self.tables[0 if self.config.shared_codebook else depth]
        assert isinstance(table, Codebook)
        return table

    def codebook(self) -> Float[Tensor, "d k e"]:
        if self.config.shared_codebook:
            return self._table(0).vectors.expand(self.config.depth, -1, -1)
        return torch.stack([self._table(depth).vectors for depth in range(self.config.depth)])

    def padding_rows(self) -> int:
        return len(self.tables) if self.config.padding_row else 0

    def forward(self, images: Float[Tensor, "b 3 H W"]) -> TokenizerOutput:
        latents = self.halves.encode(images)
        if self.training and self._table(0).needs_start:
            self._start(latents)
        if self.training and self.config.updates == "in-turn":
            codes, prefixes = self._update_in_turn(latents)
        else:
            codes, prefixes = residual_quantize(latents, self.codebook())
            if self.training:
                self._collect(latents, codes, prefixes)
        reconstructions = self.halves.decode(straight_through(latents, prefixes[..., -1, :]))
        loss = commitment(latents, prefixes, self.config.commitment_reduction)
        return TokenizerOutput(
            reconstructions,
            self.as_codes(codes),
            {"commitment": self.config.commitment_weight * loss},
        )

    def _start(self, latents: Tensor) -> None:
        config, num_vectors = self.config, latents[..., 0].numel()
        start = starting_codebooks(
            latents, config.depth, config.codebook_size, config.shared_codebook
        )
        for depth in range(len(self.tables)):
            self._table(depth).start(start[depth], num_vectors)

    def _collect(self, latents: Tensor, codes: Tensor, prefixes: Tensor) -> None:
        weights = torch.ones_like(latents[..., 0]).flatten()
        for depth in range(self.config.depth):
            residual = latents - prefixes[..., depth - 1, :] if depth else latents
            self._table(depth).collect(
                residual.flatten(0, 2), codes[..., depth].flatten(), weights, slot=depth
            )

    @torch.no_grad()
    def _update_in_turn(
        self, latents: Float[Tensor, "b h w e"]
    ) -> tuple[Int[Tensor, "b h w d"], Float[Tensor, "b h w d e"]]:
        """Codes and prefixes as `residual_quantize` gives them, each depth's codebook updated as
        soon as it was searched."""
        weights = torch.ones_like(latents[..., 0]).flatten()
        residual, codes, chosen = latents, [], []
        for depth in range(self.config.depth):
            table = self._table(depth)
            code, vector = residual_quantize(residual, table.vectors[None])
            table.collect(residual.flatten(0, 2), code.flatten(), weights)
            table.after_step()
            residual = residual - vector[..., 0, :]
            codes.append(code)
            chosen.append(vector)
        return torch.cat(codes, dim=-1), torch.cat(chosen, dim=-2).cumsum(dim=-2)

    def operating_points(self) -> tuple[OperatingPoint, ...]:
        """The first 1, 2, ... codes of each stack."""
        return tuple(
            OperatingPoint({"depth": depth}, partial(self.encode_prefix, depth=depth))
            for depth in range(1, self.config.depth + 1)
        )

    def after_step(self) -> None:
        for depth in range(len(self.tables)):
            self._table(depth).after_step()
