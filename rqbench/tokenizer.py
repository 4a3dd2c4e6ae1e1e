"""The contract of a tokenizer: images to codes and back."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .codes import Codes
from .config import Config
from .errors import UnsupportedError
from .layout import CodeLayout


@dataclass(frozen=True)
class TokenizerOutput:
    """What one training pass gives.

    Attributes:
        reconstructions: Float[b 3 H W], not clamped, with gradient.
        codes: the codes that were chosen.
        losses: the tokenizer's own loss terms by name (commitment, budget, ...), each a scalar that
            already carries its weight. Pixel and perceptual losses belong to the trainer.
    """

    reconstructions: Tensor
    codes: Codes
    losses: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class OperatingPoint:
    """One point of a tokenizer's rate-distortion curve without training it again.

    Attributes:
        settings: what varies, such as {"depth": 2} or {"threshold": 1.3}.
        encode: images to codes at this point; the tokenizer's `decode` reads them.
    """

    settings: Mapping[str, int | float]
    encode: Callable[[Tensor], Codes]


class Tokenizer(nn.Module, ABC):
    """Images in [0, 1], `b 3 H W`, to integers and back.

    A subclass names its `Config` and is built from it alone. Everything it learns lives in
    parameters
    and buffers, so that a state dict is all of it.
    """

    Config: ClassVar[type[Config]]

    def __init__(self, config: Any) -> None:
        super().__init__()
        self.config = config

    @classmethod
    @abstractmethod
    def tiny(cls) -> "Tokenizer":
        """The smallest one that still does what the method is about; built in milliseconds."""

    @abstractmethod
    def layout(self, resolution: int) -> CodeLayout:
        """The layout of square images of this side.

        Raises:
            ConfigError: a side that the tokenizer cannot divide.
        """

    @abstractmethod
    def forward(self, images: Float[Tensor, "b 3 H W"]) -> TokenizerOutput:
        """One training pass. Random draws use torch's global generator, which the trainer seeds for
        each step, so that a resumed run equals an undisturbed one."""

    @abstractmethod
    def encode(self, images: Float[Tensor, "b 3 H W"]) -> Codes:
        """The codes of each image, without randomness and whatever its batch."""

    @abstractmethod
    def decode(self, codes: Codes) -> Float[Tensor, "b 3 H W"]:
        """Images in [0, 1] from codes; also from those of any operating point."""

    def codebook(self) -> Float[Tensor, "d k e"] | None:
        """The vectors that codes name, one table for each depth; None where there are none."""
        return None

    def grain_shares(self) -> tuple[float, ...] | None:
        """Of dynamic codes, the share of an image's regions that each grain should get, coarse to
        fine; None where nothing is aimed at."""
        return None

    def padding_rows(self) -> int:
        """Rows that are stored with the codebook and that no code names; published tables have
        some."""
        return 0

    def last_layer(self) -> Tensor | None:
        """The weight nearest to the reconstructions, at which a trainer compares the gradients of
        its losses; None: there is none, and adversarial training then needs a fixed weight."""
        return None

    def operating_points(self) -> tuple[OperatingPoint, ...]:
        """Further points of the rate-distortion curve; the tokenizer's own point is not among them
        unless it is one of a series (RQ's full depth is its last prefix)."""
        return ()

    def soft_codes(
        self,
        images: Float[Tensor, "b 3 H W"],
        temperature: float,
        generator: torch.Generator | None = None,
    ) -> tuple[Float[Tensor, "b h w d k"], Codes]:
        """A distribution over codes at each place, and codes drawn from it; without a generator the
        codes that `encode` gives.

        Raises:
            UnsupportedError: by default.
        """
        raise UnsupportedError(f"{type(self).__name__} gives no soft codes.")

    # What the trainer calls around training. Most tokenizers need none of these.

    def before_training(self, images: Float[Tensor, "b 3 H W"]) -> None:
        """Look at some training images before the first step: calibrate a threshold, say."""

    def after_step(self) -> None:
        """Update what does not learn by gradient. Called once an optimizer step, after it, with the
        global generator seeded for this (seed, step)."""

    def after_training(self, images: Float[Tensor, "b 3 H W"]) -> None:
        """Look at some training images with the final weights, in eval mode."""
