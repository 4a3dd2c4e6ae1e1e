"""The contract of a prior: an autoregressive model over one image's codes."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

from jaxtyping import Float, Int
from torch import Tensor, nn

from .choice import Sampling
from .codes import Codes
from .condition_spec import ConditionSpec
from .config import Config
from .drawing import SamplingMode, check_guidance, check_mode, draw
from .errors import UnsupportedError
from .layout import CodeLayout
from .lockstep import ChooseAll
from .phase_cost import PhaseCost
from .prior_batch import PriorBatch
from .step import Choose
from .symbol_nats import SymbolNats, replay


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

    @property
    def has_compiled_steps(self) -> bool:
        """Whether `compiled_steps` changes anything."""
        return False

    def compiled_steps(self) -> AbstractContextManager[None]:
        """While it lasts the faster ways to draw use kernels that torch compiles for them."""
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
                an edge between two symbols. "compile" draws by `compiled_steps`, "graph" by one
                CUDA graph; both take time before the first batch of a size. "auto" is eager; in
                training and under autocast the reference.

        Raises:
            UnsupportedError: guidance without a condition, or of a prior that has never seen the
                null condition; a mode where there is none such.
        """
        return draw(self, num_images, seed, sampling or Sampling(), condition, first_image, mode)

    def check_mode(self, mode: SamplingMode) -> None:
        """
        Raises:
            UnsupportedError: a mode that it cannot sample in, on the device where it is.
        """
        check_mode(self, mode)

    def check_guidance(self, has_condition: bool) -> None:
        """Refuse guidance, before anything is drawn, where there is nothing that it could do.

        Args:
            has_condition: whether images are to be drawn with one.

        Raises:
            UnsupportedError: see `sample`.
        """
        check_guidance(self, has_condition)
