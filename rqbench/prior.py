"""The contract of a prior: an autoregressive model over one image's codes."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from .choice import Sampling, choose_by_uniform
from .codes import Codes
from .config import Config
from .errors import UnsupportedError
from .guidance import choose_guided
from .layout import CodeLayout
from .lockstep import ChooseAll, Lockstep
from .phase_cost import PhaseCost
from .step import Choose, Step
from .symbol_nats import SymbolNats, replay
from .uniforms import UniformRows

SamplingMode = Literal["auto", "reference", "eager"]


@dataclass(frozen=True)
class ConditionSpec:
    """What a prior is conditioned on: `length` integers in [0, vocab_size) an image (a class is
    length 1).

    Attributes:
        null: whether there is one integer more, `vocab_size`, that stands for no condition. A prior
            learns it by label dropout, and guidance needs it.
    """

    vocab_size: int
    length: int = 1
    null: bool = False

    @property
    def num_symbols(self) -> int:
        """Rows of a table that has one for each integer."""
        return self.vocab_size + self.null


@dataclass(frozen=True)
class PriorBatch:
    """What a prior trains on.

    Attributes:
        codes: hard codes.
        condition: Int[b c], or None.
        soft_targets: Float[b h w d k], a distribution over codes at each place, where the trainer
            encodes on the fly (`Tokenizer.soft_codes`); else None. Then `codes` are what the prior
            sees, and no longer its targets.
    """

    codes: Codes
    condition: Int[Tensor, "b c"] | None = None
    soft_targets: Float[Tensor, "b h w d k"] | None = None

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, rows: slice) -> "PriorBatch":
        condition, targets = self.condition, self.soft_targets
        return PriorBatch(
            self.codes[rows],
            None if condition is None else condition[rows],
            None if targets is None else targets[rows],
        )


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

        `generate`, and so a coder and the reference mode of sampling, go through this function. The
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

    @property
    def has_lockstep(self) -> bool:
        """Whether there is a `generate_lockstep` for its layout."""
        return False

    def generate_lockstep(
        self, choose: ChooseAll, num_images: int, condition: Int[Tensor, "b c"] | None = None
    ) -> Codes:
        """What `generate` does, faster, where all images draw the same number of codes and nothing
        else. Without dropout.

        Raises:
            UnsupportedError: by default.
        """
        raise UnsupportedError(f"{type(self).__name__} draws symbol by symbol only: `generate`.")

    @property
    def has_faster_steps(self) -> bool:
        """Whether `faster_steps` changes anything."""
        return False

    def faster_steps(self) -> AbstractContextManager[None]:
        """While it lasts `generate` computes the same logits, within rounding, faster, and may ask
        for rows that do not count (`Step.counts`). Without dropout."""
        return nullcontext()

    @abstractmethod
    def symbols(self, codes: Codes) -> Int[Tensor, "b n"]:
        """The inverse of generate: each image's symbols in the order they are drawn, -1 past its
        end.

        Symbols that have no choice (a map's forced end, the last grain's positions) are drawn only
        where `generate` draws them, so that ordinals agree.
        """

    def symbol_nats(self, codes: Codes, condition: Int[Tensor, "b c"] | None = None) -> SymbolNats:
        """What each of `symbols(codes)` costs; together, minus `log_prob`.

        By default symbol after symbol, which is slow, and without the cells they stand at.
        """
        symbols = self.symbols(codes)
        return replay(lambda choose: self.generate(choose, len(codes), condition), symbols)

    def cost(
        self, batch: int, grain_counts: tuple[int, ...] | None = None
    ) -> Mapping[str, PhaseCost]:
        """What sampling `batch` images must move and do, by phase; the floor is computed from it.

        Args:
            grain_counts: of dynamic codes, how many regions of each image have each grain, coarse
                to fine; None: all have the finest, which makes the longest sequence.

        Raises:
            UnsupportedError: by default.
        """
        raise UnsupportedError(f"{type(self).__name__} does not count what its sampling costs.")

    @classmethod
    def takes_soft_targets(cls, layout: CodeLayout) -> bool:
        """Whether its `loss` uses the soft targets of a batch of this layout."""
        return False

    def loss(self, batch: PriorBatch) -> Float[Tensor, ""]:
        """The training loss, in nats per code of an image that is all fine: minus the mean log_prob
        over `layout.max_codes`; with soft targets minus the mean of sum_k p_k log q_k over all
        codes. Auxiliary terms belong here.

        Raises:
            UnsupportedError: soft targets, by default.
        """
        if batch.soft_targets is not None:
            raise UnsupportedError(
                f"{type(self).__name__} does not train on soft targets for codes of the layout "
                f"{self.layout}. Leave `soft_targets` out of its training."
            )
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
        mode: SamplingMode = "auto",
    ) -> Codes:
        """Draw codes at random.

        Image i of a seed is drawn from the uniforms of (seed, i, ordinal), whatever the batch, so
        images first_image to first_image + num_images - 1 may be drawn in any grouping. Guidance
        draws twice as many, the second half without the condition, by the uniforms of the first.

        Args:
            mode: "reference" draws through `generate`, "eager" through `generate_lockstep` or by
                `faster_steps`; their codes are equal up to the first u that lies within rounding of
                an edge between two symbols. "auto" is the fastest that there is; in training and
                under autocast always the reference.

        Raises:
            UnsupportedError: guidance without a condition, or of a prior that has never seen the
                null condition; mode "eager" where there is none.
        """
        sampling = sampling or Sampling()
        self.check_mode(mode)
        way = self.way_to_draw(mode)
        if way == "lockstep":
            return self._sample_lockstep(num_images, seed, sampling, condition, first_image)
        steps = self.faster_steps() if way == "faster steps" else nullcontext()

        drawn = UniformRows(seed, first_image, num_images)

        def choose(logits: Tensor, step: Step) -> Tensor:
            u = drawn(step.image, step.ordinal)
            return choose_by_uniform(logits, step.legal, u, sampling.at(step.kind, step.depth))

        with steps:
            if sampling.guidance == 1:
                return self.generate(choose, num_images, condition, first_image)
            twins = self._with_twins(condition)
            guided = choose_guided(choose, sampling.guidance)
            return self.generate(guided, 2 * num_images, twins, first_image)[:num_images]

    def _sample_lockstep(
        self,
        num_images: int,
        seed: int,
        sampling: Sampling,
        condition: Int[Tensor, "b c"] | None,
        first_image: int,
    ) -> Codes:
        guided = sampling.guidance != 1
        rows = 2 * num_images if guided else num_images
        condition = self._with_twins(condition) if guided else condition
        device = next(self.parameters()).device
        images = torch.arange(first_image, first_image + num_images, device=device)
        choose = Lockstep(sampling, seed, images, self.layout.max_codes)
        return self.generate_lockstep(choose, rows, condition)[:num_images]

    def way_to_draw(self, mode: SamplingMode) -> Literal["plain", "lockstep", "faster steps"]:
        """How `sample` draws now."""
        # dropout and autocast happen in modules, which the faster ways go past
        is_plain = self.training or torch.is_autocast_enabled(next(self.parameters()).device.type)
        if mode == "reference" or (mode == "auto" and is_plain):
            return "plain"
        return "lockstep" if self.has_lockstep else "faster steps"

    def check_mode(self, mode: SamplingMode) -> None:
        """
        Raises:
            UnsupportedError: a mode that it cannot sample in.
        """
        if mode == "eager" and not (self.has_lockstep or self.has_faster_steps):
            raise UnsupportedError(
                f"{type(self).__name__} has no eager mode for codes of the layout {self.layout}. "
                'Sample with mode "reference", or "auto".'
            )

    def check_guidance(self, has_condition: bool) -> None:
        """Refuse guidance, before anything is drawn, where there is nothing that it could do.

        Args:
            has_condition: whether images are to be drawn with one.

        Raises:
            UnsupportedError: see `sample`.
        """
        if not has_condition or self.condition is None:
            raise UnsupportedError(
                "Guidance strengthens a condition, and there is none. Set guidance to 1, or train "
                "a prior on data with classes."
            )
        if not self.condition.null:
            raise UnsupportedError(
                "This prior has not learned to do without its condition, which guidance needs. "
                "Set guidance to 1, or train it with `label_dropout` above 0."
            )

    def _with_twins(self, condition: Int[Tensor, "b c"] | None) -> Int[Tensor, "twice c"]:
        """The condition, and below it as many rows of the null condition."""
        self.check_guidance(condition is not None)
        assert condition is not None and self.condition is not None
        return torch.cat([condition, torch.full_like(condition, self.condition.vocab_size)])
