"""The audit of a timing: were the codes that it drew those that the model means?

The codes of the last timed round go through the uncached, teacher-forced pass, which shares no
cache with what drew them. Three things must hold:

- the loop that drew, made to repeat the codes, gives the logits of that pass;
- each code is the one that its uniform number demands under those logits, but where the number lies
  so near to an edge that logits which are off by a little more than was seen demand another;
- over all codes the mean log-probability is that of draws from those logits. This sees a slight,
  lasting fault, such as a wrong temperature, below what half precision lets the other two see.

Axes: b images, n symbols, v vocabulary.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor

from ..choice import Sampling
from ..codes import Codes
from ..prior import Prior, SamplingMode
from ..step import Step, where_it_counts
from ..uniforms import uniforms
from .demand import judge

IMAGES, AT_ONCE = 16, 4
"""Images of the last round that are audited, evenly spaced over it, and how many go at once."""

TOLERANCES = {torch.float32: 1e-3, torch.float16: 1e-2, torch.bfloat16: 5e-2}
"""Of a logit, as a share of the largest one."""

SMALLEST = 0.01
"""Logits that are all smaller are taken to be as large."""

SEEN = 4
"""A symbol is excused by logits that are off by so many times the largest error that was seen."""

TF32_TOLERANCE = 1e-2
"""Of float32 on a GPU whose products may round to 10 bits, as those of float16."""

FARTHEST = 6.0
"""Standard errors of the mean log-probability, which chance exceeds once in 500 million audits."""


@runtime_checkable
class _GivesLogits(Protocol):
    """A prior over codes of fixed length whose teacher-forced logits can be had."""

    def logits(self, codes: Codes, condition: Tensor | None = None) -> Tensor: ...


@dataclass
class Audit:
    """What an audit found, summed over its images.

    Attributes:
        against: "logits" where all teacher-forced logits were compared; "nats" where the prior
            gives those of the drawn symbols only, and "image nats" where it gives their sum: then
            the logits that demand symbols are those of the step path, which agrees at the symbols.
        tolerance: of a logit.
        largest_error: the largest difference of a logit, or of nats, from the teacher-forced pass.
        near_edge: symbols that differ from those demanded within the tolerance.
        unexplained: symbols that differ beyond it.
    """

    against: str
    images: int = 0
    symbols: int = 0
    tolerance: float = 0.0
    largest_error: float = 0.0
    near_edge: int = 0
    unexplained: int = 0
    surprise: float = 0.0
    variance: float = 0.0
    faults: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.faults

    @property
    def standard_errors(self) -> float:
        """By how many the mean log-probability of the symbols misses its expectation."""
        return self.surprise / self.variance**0.5 if self.variance > 0 else 0.0


@torch.no_grad()
def audit(
    prior: Prior,
    codes: Codes,
    seed: int,
    first_image: int,
    sampling: Sampling,
    condition: Int[Tensor, "b c"] | None = None,
    mode: SamplingMode = "auto",
) -> Audit:
    """Audit some images of a batch that `Prior.sample` drew with these arguments."""
    num, device = min(IMAGES, len(codes)), codes.values.device
    chosen = torch.linspace(0, len(codes) - 1, num).round().long().to(device)
    found = Audit(_against(prior), num)
    parts = []
    for start in range(0, num, AT_ONCE):
        some = chosen[start : start + AT_ONCE]
        told = None if condition is None else condition[some]
        symbols = prior.symbols(codes[some])
        teacher = _teacher_logits(prior, codes[some], symbols, told)
        parts.append(_Drawn(prior, codes[some], some + first_image, symbols, told, mode, teacher))
        _compare(found, parts[-1])
    for part in parts:
        _judge(found, part, seed, sampling)
    if found.largest_error > found.tolerance:
        found.faults.append(
            f"the loop that drew differs from the teacher-forced pass by {found.largest_error:.3g} "
            f"({found.against}), and {found.tolerance:.3g} is allowed"
        )
    if found.unexplained:
        found.faults.append(
            f"{found.unexplained} of {found.symbols} symbols are not those that their uniform "
            "numbers demand under the teacher-forced pass"
        )
    if abs(found.standard_errors) > FARTHEST:
        found.faults.append(
            f"the drawn symbols are {'less' if found.surprise > 0 else 'more'} probable than draws "
            f"from the teacher-forced pass, by {abs(found.standard_errors):.1f} standard errors"
        )
    return found


@dataclass(frozen=True)
class _Drawn:
    """Some images of the batch, and how they were drawn.

    Attributes:
        images: Int[b], their numbers in the seed.
        symbols: Int[b n].
        teacher: Float[b n v], the teacher-forced logits of all symbols; None where the prior gives
            no such rows.
    """

    prior: Prior
    codes: Codes
    images: Tensor
    symbols: Tensor
    condition: Tensor | None
    mode: SamplingMode
    teacher: Tensor | None

    def repeat(self, see: Callable[[Tensor, Step], None]) -> None:
        """Let the loop that drew the symbols repeat them, and see its logits."""
        rows = torch.arange(len(self.codes), device=self.symbols.device)

        @where_it_counts
        def choose(logits: Tensor, step: Step) -> Tensor:
            see(logits, step)
            return self.symbols[step.image, step.ordinal]

        def choose_all(logits: Tensor, ordinal: int, depth: int) -> Tensor:
            legal = torch.ones_like(logits, dtype=torch.bool)
            return choose(
                logits, Step("content", depth, legal, rows, torch.full_like(rows, ordinal))
            )

        way = self.prior.way_to_draw(self.mode)
        if way == "lockstep":
            self.prior.generate_lockstep(choose_all, len(rows), self.condition)
            return
        with self.prior.faster_steps() if way == "faster steps" else nullcontext():
            self.prior.generate(choose, len(rows), self.condition)


def _compare(found: Audit, drawn: _Drawn) -> None:
    """The logits of the loop that drew with those of the uncached pass."""
    kind = next(drawn.prior.parameters()).dtype
    nats = torch.zeros(drawn.symbols.shape, dtype=torch.float64, device=drawn.symbols.device)

    def see(logits: Tensor, step: Step) -> None:
        at = step.image, step.ordinal
        expected = logits if drawn.teacher is None else drawn.teacher[at]
        allowed = tolerance_of(kind, expected.masked_fill(~step.legal, 0.0))
        found.tolerance = max(found.tolerance, allowed)
        if drawn.teacher is not None:
            apart = (logits.float() - expected.float()).masked_fill(~step.legal, 0.0)
            found.largest_error = _larger(found.largest_error, apart)
        possible = logits.double().masked_fill(~step.legal, -torch.inf)
        nats[at] = F.cross_entropy(possible, drawn.symbols[at], reduction="none")

    drawn.repeat(see)
    prior, given = drawn.prior, (drawn.codes, drawn.condition)
    if found.against == "nats":
        found.largest_error = _larger(found.largest_error, nats - prior.symbol_nats(*given).nats)
    elif found.against == "image nats":
        apart = (nats.sum(dim=1) + prior.log_prob(*given)) / drawn.symbols.shape[1]
        found.largest_error = _larger(found.largest_error, apart)


def _judge(found: Audit, drawn: _Drawn, seed: int, sampling: Sampling) -> None:
    """The symbols, by logits that are off by no more than was seen."""
    slack = min(found.tolerance, SEEN * found.largest_error)

    def see(logits: Tensor, step: Step) -> None:
        at = step.image, step.ordinal
        u = uniforms(seed, drawn.images[step.image], step.ordinal)
        narrowing = sampling.at(step.kind, step.depth)
        expected = logits if drawn.teacher is None else drawn.teacher[at]
        demand = judge(expected, step.legal, u, narrowing, drawn.symbols[at], slack)
        found.symbols += len(u)
        found.unexplained += int(demand.unexplained.sum())
        found.near_edge += int((demand.differing & ~demand.unexplained).sum())
        found.surprise += float(demand.surprise.sum())
        found.variance += float(demand.variance.sum())

    drawn.repeat(see)


def tolerance_of(dtype: torch.dtype, logits: Float[Tensor, "n v"]) -> float:
    """How far logits of this size may be off that were computed in this dtype."""
    rounds = logits.is_cuda and torch.get_float32_matmul_precision() != "highest"
    relative = TF32_TOLERANCE if rounds and dtype == torch.float32 else TOLERANCES[dtype]
    return relative * max(SMALLEST, float(logits.abs().max()))


def _against(prior: Prior) -> str:
    if isinstance(prior, _GivesLogits) and not prior.layout.is_dynamic:
        return "logits"
    return "image nats" if type(prior).symbol_nats is Prior.symbol_nats else "nats"


def _teacher_logits(
    prior: Prior, codes: Codes, symbols: Int[Tensor, "b n"], condition: Int[Tensor, "b c"] | None
) -> Float[Tensor, "b n v"] | None:
    """One row for each symbol; None where the prior gives no such rows."""
    if _against(prior) != "logits" or not isinstance(prior, _GivesLogits):
        return None
    logits = prior.logits(codes, condition)
    return logits.reshape(*symbols.shape, logits.shape[-1])


def _larger(before: float, differences: Tensor) -> float:
    """The larger of an error and of all these; NaN is infinitely wrong."""
    return max(before, float(differences.abs().max().nan_to_num(nan=torch.inf)))
