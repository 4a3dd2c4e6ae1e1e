"""The audit of a timing: were the codes that it drew those that the model means?

The codes of the last timed round go through the uncached, teacher-forced pass, which shares no
cache with what drew them. Four things must hold:

- the loop that drew, made to repeat the codes, gives the logits of that pass;
- each code is the one that its uniform number demands under those logits, but where the number lies
  so near to an edge that logits which are off by a little more than was seen demand another;
- no more codes differ in that way than so many uniform numbers hit by chance what lies between the
  edges of both passes;
- over all codes the mean log-probability is that of draws from those logits. This sees a slight,
  lasting fault, such as a wrong temperature, below what half precision lets the other two see.

Axes: b images, n symbols, v vocabulary.
"""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from scipy.stats import poisson
from torch import Tensor

from ..choice import Sampling
from ..codes import Codes
from ..drawing import SamplingMode
from ..prior import Prior
from ..step import Step
from ..uniforms import uniforms
from .demand import chance_to_differ, judge
from .drawn import Drawn
from .tolerance import tolerance_of

IMAGES, AT_ONCE = 16, {"cpu": 4, "cuda": 16}
"""Images of the last round that are audited, evenly spaced over it, and how many go at once."""

SEEN = 4
"""A symbol is excused by logits that are off by so many times the largest error that was seen."""

LARGER, ROUNDED = 2, 0.1
"""How many times as many symbols the draw of a whole batch may turn as its repetition in parts
would; and how many choices in single precision may turn where logits are equal."""

FARTHEST, CHANCE = 6.0, 2e-9
"""Standard errors of the mean log-probability, which chance exceeds once in 500 million audits; and
that probability."""


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
        squared_error: the sum of squared errors of nats, one for each symbol.
        near_edge: symbols that differ from those demanded within the tolerance.
        unexplained: symbols that differ beyond it.
        expected: symbols that would differ on average, by how far both passes are apart.
    """

    against: str
    images: int = 0
    symbols: int = 0
    tolerance: float = 0.0
    largest_error: float = 0.0
    squared_error: float = 0.0
    near_edge: int = 0
    unexplained: int = 0
    expected: float = 0.0
    surprise: float = 0.0
    variance: float = 0.0
    faults: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.faults

    @property
    def allowed(self) -> int:
        """How many may differ: the number that chance exceeds once in 500 million audits.

        Symbols differ independently, each with a probability of its own. Such a count passes a
        limit far above its mean no more often than a Poisson number of the same mean does.

        Source: Hoeffding 1956, Annals of Mathematical Statistics 27, theorem 4, which bounds the
        count by a binomial number, whose own bound is the Poisson number.
        """
        return int(poisson.isf(CHANCE, LARGER * self.expected + ROUNDED))

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
    parts, at_once = [], AT_ONCE[device.type]
    for start in range(0, num, at_once):
        some = chosen[start : start + at_once]
        told = None if condition is None else condition[some]
        symbols = prior.symbols(codes[some])
        teacher = _teacher_logits(prior, codes[some], symbols, told)
        parts.append(Drawn(prior, codes[some], some + first_image, symbols, told, mode, teacher))
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
    if found.near_edge > found.allowed:
        found.faults.append(
            f"{found.near_edge} of {found.symbols} symbols differ a little from those that their "
            f"uniform numbers demand, and {found.allowed} are the most that chance explains"
        )
    if abs(found.standard_errors) > FARTHEST:
        found.faults.append(
            f"the drawn symbols are {'less' if found.surprise > 0 else 'more'} probable than draws "
            f"from the teacher-forced pass, by {abs(found.standard_errors):.1f} standard errors"
        )
    return found


def _compare(found: Audit, drawn: Drawn) -> None:
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
    found.symbols += int((drawn.symbols >= 0).sum())
    prior, given = drawn.prior, (drawn.codes, drawn.condition)
    if found.against == "nats":
        apart = nats - prior.symbol_nats(*given).nats
        found.largest_error = _larger(found.largest_error, apart)
        found.squared_error += float(apart.square().sum())
    elif found.against == "image nats":
        apart = nats.sum(dim=1) + prior.log_prob(*given)
        found.largest_error = _larger(found.largest_error, apart / drawn.symbols.shape[1])
        found.squared_error += float(apart.square().sum())


def _judge(found: Audit, drawn: Drawn, seed: int, sampling: Sampling) -> None:
    """The symbols, by logits that are off by no more than was seen."""
    slack = min(found.tolerance, SEEN * found.largest_error)
    typical = (found.squared_error / found.symbols) ** 0.5
    dice = torch.Generator(drawn.symbols.device).manual_seed(0)

    def see(logits: Tensor, step: Step) -> None:
        at = step.image, step.ordinal
        u = uniforms(seed, drawn.images[step.image], step.ordinal)
        narrowing = sampling.at(step.kind, step.depth)
        expected = logits if drawn.teacher is None else drawn.teacher[at]
        demand = judge(expected, step.legal, u, narrowing, drawn.symbols[at], slack)
        # without the teacher's own row, one that is as far away as nats are
        seen = logits if drawn.teacher is not None else _shaken(logits, typical, dice)
        chances = chance_to_differ(expected, seen, step.legal, narrowing)
        found.expected += float(chances.nan_to_num(nan=0.0).sum())  # NaN excuses nothing
        found.unexplained += int(demand.unexplained.sum())
        found.near_edge += int((demand.differing & ~demand.unexplained).sum())
        found.surprise += float(demand.surprise.sum())
        found.variance += float(demand.variance.sum())

    drawn.repeat(see)


def _shaken(
    logits: Float[Tensor, "n v"], typical: float, dice: torch.Generator
) -> Float[Tensor, "n v"]:
    """Logits with normal errors of this standard deviation."""
    noise = torch.randn(logits.shape, generator=dice, device=logits.device)
    return logits.float() + typical * noise


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
