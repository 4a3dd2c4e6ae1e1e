"""The contract of a prior: an autoregressive model over one image's codes."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from .choice import Sampling, choose_by_uniform
from .codes import Codes
from .config import Config
from .errors import UnsupportedError
from .layout import CodeLayout
from .uniforms import uniforms

SymbolKind = Literal["grain", "position", "content"]


@dataclass(frozen=True)
class ConditionSpec:
    """What a prior is conditioned on: `length` integers in [0, vocab_size) an image (a class is
    length 1)."""

    vocab_size: int
    length: int = 1


@dataclass(frozen=True)
class Step:
    """What one symbol of the sequence is, for each of the n rows that draw it now.

    Attributes:
        kind: grain (an entry of the grain map), position (a region's index or "end of this grain"),
            or content (a code).
        depth: place in the stack, 0 for all but contents of a stacked layout.
        legal: Bool[n v], the symbols that may be drawn; the others have no probability.
        image: Int[n], each row's image index (`first_image` of `generate` onwards).
        ordinal: Int[n], how many symbols of that image came before this one.
    """

    kind: SymbolKind
    depth: int
    legal: Bool[Tensor, "n v"]
    image: Int[Tensor, " n"]
    ordinal: Int[Tensor, " n"]


@dataclass(frozen=True)
class PriorBatch:
    """What a prior trains on.

    Attributes:
        codes: hard codes.
        condition: Int[b c], or None.
        soft_targets: Float[b h w d k], a distribution over codes at each place, where the trainer
            encodes on the fly (`Tokenizer.soft_codes`); else None.
    """

    codes: Codes
    condition: Int[Tensor, "b c"] | None = None
    soft_targets: Float[Tensor, "b h w d k"] | None = None


@dataclass(frozen=True)
class PhaseCost:
    """One phase of sampling, such as the body or the head: bytes moved, operations done."""

    bytes_moved: int
    operations: int


Choose = Callable[[Tensor, Step], Tensor]
"""(logits Float[n v], step) -> symbols Int[n]. Logits are raw, illegal symbols not yet masked."""


class Prior(nn.Module, ABC):
    """A distribution over the codes of one layout, given a condition or none.

    Built from its config, the layout, the tokenizer's frozen codebook (or None) and the condition's
    vocabulary; never from a tokenizer.

    Attributes:
        models: one phrase for messages: which layouts it can model.
    """

    Config: ClassVar[type[Config]]
    models: ClassVar[str]

    def __init__(
        self,
        config: Any,
        layout: CodeLayout,
        codebook: Float[Tensor, "d k e"] | None = None,
        condition: ConditionSpec | None = None,
    ) -> None:
        super().__init__()
        self.config, self.layout, self.condition = config, layout, condition

    @classmethod
    @abstractmethod
    def tiny(cls, layout: CodeLayout, condition: ConditionSpec | None = None) -> "Prior":
        """The smallest one for this layout; built in milliseconds."""

    @classmethod
    @abstractmethod
    def supports(cls, layout: CodeLayout) -> bool:
        """Whether it can model codes of this layout."""

    @abstractmethod
    def log_prob(
        self, codes: Codes, condition: Int[Tensor, "b c"] | None = None
    ) -> Float[Tensor, " b"]:
        """Log-likelihood of each image's codes in nats, the map included once.

        Exact, teacher-forced, uncached. Over all legal codes of the layout it sums to one in
        probability, and an image's value does not depend on its batch.
        """

    @abstractmethod
    def step(self, state: Any, symbols: Int[Tensor, " n"] | None) -> Float[Tensor, "m v"]:
        """Feed the newest symbols (None at the very start) and give the logits of the next ones.

        No rows of logits (m = 0) say that all images are complete.

        Every mode of sampling, a coder and the reference loop go through this one function. The
        state holds the caches and is changed in place.
        """

    @abstractmethod
    def generate(
        self,
        choose: Choose,
        num_images: int,
        condition: Int[Tensor, "b c"] | None = None,
        first_image: int = 0,
    ) -> Codes:
        """Draw codes symbol by symbol; `choose` decides each one."""

    @abstractmethod
    def symbols(self, codes: Codes) -> Int[Tensor, "b n"]:
        """The inverse of generate: each image's symbols in the order they are drawn, -1 past its
        end.

        Symbols that have no choice (a map's forced end, the last grain's positions) are drawn only
        where `generate` draws them, so that ordinals agree.
        """

    def cost(self, batch: int) -> Mapping[str, PhaseCost]:
        """What sampling `batch` images must move and do, by phase; the floor is computed from it.

        Raises:
            UnsupportedError: by default.
        """
        raise UnsupportedError(f"{type(self).__name__} does not count what its sampling costs.")

    def loss(self, batch: PriorBatch) -> Float[Tensor, ""]:
        """The training loss, in nats per code of an image that is all fine: minus the mean log_prob
        over `layout.max_codes`. Soft targets and auxiliary terms belong here."""
        return -self.log_prob(batch.codes, batch.condition).mean() / self.layout.max_codes

    def warm_start(self, codes: Codes) -> None:
        """Look at the training codes before the first step; set output biases to their log
        frequencies, say, so that training starts at the zero-order rate."""

    @torch.no_grad()
    def sample(
        self,
        num_images: int,
        seed: int,
        sampling: "Sampling | None" = None,
        condition: Int[Tensor, "b c"] | None = None,
        first_image: int = 0,
    ) -> Codes:
        """Draw codes at random.

        Image i of a seed is drawn from the uniforms of (seed, i, ordinal), whatever the batch, so
        images first_image to first_image + num_images - 1 may be drawn in any grouping.
        """
        sampling = sampling or Sampling()

        def choose(logits: Tensor, step: Step) -> Tensor:
            u = uniforms(seed, step.image, step.ordinal)
            return choose_by_uniform(logits, step.legal, u, sampling.at(step.kind, step.depth))

        return self.generate(choose, num_images, condition, first_image)
