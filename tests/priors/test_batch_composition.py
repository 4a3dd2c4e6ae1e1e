"""Which images are drawn together: what it may change, and what not, in the mode "auto".

Matrix products differ in the last bits between batch shapes. So codes of one image, drawn in
batches of two sizes, are equal up to the first symbol whose uniform number lies within tolerance of
an edge between two symbols. `generate` repeats the codes and tells where that is.
"""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from rqbench.api import CodeLayout, Codes, ConditionSpec, Prior, Sampling, Step, uniforms
from rqbench.choice import choose_by_uniform
from rqbench.codes import concatenate
from rqbench_priors.coarse_to_fine import CoarseToFine
from rqbench_priors.depth_stacked import DepthStacked
from rqbench_priors.dq_transformer import DQTransformer
from rqbench_priors.raster import Raster

TOLERANCE = 1e-5  # of the total, between u and an edge
SEED, FIRST, NUM_IMAGES = 3, 5, 64
SAMPLING = Sampling(temperature=1.2, top_k=25)
STACKS, GRAINS = CodeLayout(2, 3, 3, 32), CodeLayout(4, 4, 1, 32, (2, 1))
SYSTEMS = [
    (Raster, CodeLayout(3, 3, 1, 32)), (Raster, GRAINS), (DepthStacked, STACKS),
    (CoarseToFine, GRAINS), (DQTransformer, GRAINS),
]  # fmt: skip
Draw = Callable[..., Codes]


def named(pair: tuple[type[Prior], CodeLayout]) -> str:
    return f"{pair[0].__name__} {'dynamic' if pair[1].is_dynamic else 'fixed'}"


@pytest.fixture(params=SYSTEMS, ids=named)
def prior(request: pytest.FixtureRequest) -> Prior:
    """In single precision, its weights so large that a symbol depends on all before it."""
    kind, layout = request.param
    made = kind.tiny(layout, ConditionSpec(3)).eval()
    for weight in made.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    return made


def drawn(prior: Prior, first: int, num: int, sampling: Sampling = SAMPLING) -> Codes:
    condition = torch.arange(first, first + num)[:, None] % 3
    return prior.sample(num, SEED, sampling, condition, first)


def in_batches(prior: Prior, batch: int, num: int, draw: Draw = drawn) -> Codes:
    starts = range(FIRST, FIRST + num, batch)
    return concatenate([draw(prior, first, min(batch, FIRST + num - first)) for first in starts])


def near_an_edge(prior: Prior, symbols: Tensor) -> Tensor:
    """Bool[b n]: of forced symbols, those whose number would pick another within tolerance."""
    near = torch.zeros_like(symbols, dtype=torch.bool)

    def judge(logits: Tensor, step: Step) -> Tensor:
        u = uniforms(SEED, step.image, step.ordinal)
        narrowing = SAMPLING.at(step.kind, step.depth)
        low, high = (
            choose_by_uniform(logits, step.legal, (u + shift).clamp(0, 1 - 2**-53), narrowing)
            for shift in (-TOLERANCE, TOLERANCE)
        )
        near[step.image - FIRST, step.ordinal] = low != high
        return symbols[step.image - FIRST, step.ordinal]

    condition = torch.arange(FIRST, FIRST + len(symbols))[:, None] % 3
    with torch.no_grad():
        prior.generate(judge, len(symbols), condition, FIRST)
    return near


def num_torn(prior: Prior, ours: Codes, theirs: Codes) -> tuple[int, int]:
    """Images whose codes part at a symbol that is not near an edge; symbols that are near one."""
    one, other = prior.symbols(ours), prior.symbols(theirs)
    width = max(one.shape[1], other.shape[1])
    one, other = (
        torch.nn.functional.pad(part, (0, width - part.shape[1]), value=-1) for part in (one, other)
    )
    near = near_an_edge(prior, one)
    differ = one != other
    first = differ.int().argmax(dim=1)  # of images without a difference, 0
    excused = near.gather(1, first[:, None])[:, 0]
    return int((differ.any(dim=1) & ~excused).sum()), int(near.sum())


@pytest.mark.parametrize("batch", [1, 7])
def test_batches_of_any_size_agree_up_to_a_number_beside_an_edge(prior: Prior, batch: int) -> None:
    num = NUM_IMAGES if batch > 1 else 8
    together = in_batches(prior, NUM_IMAGES, NUM_IMAGES)[:num]
    torn, near = num_torn(prior, in_batches(prior, batch, num), together)
    assert torn == 0
    assert near <= 0.01 * num * prior.symbols(together).shape[1] + 1


def test_the_same_batches_in_another_order_are_the_same_bits(prior: Prior) -> None:
    starts = FIRST, FIRST + 7, FIRST + 14
    once = {first: drawn(prior, first, 7) for first in starts}
    drawn(prior, 0, 64)  # others may come between
    again = {first: drawn(prior, first, 7) for first in reversed(starts)}
    for first in starts:
        pairs = zip(once[first].tensors(), again[first].tensors(), strict=True)
        assert all(torch.equal(one, other) for one, other in pairs)
    assert not torch.equal(once[FIRST].values, once[FIRST + 7].values)


# The first test would see these faults.


def test_numbers_that_follow_the_row_are_noticed(prior: Prior) -> None:
    def by_row(prior: Prior, first: int, num: int) -> Codes:
        condition = torch.arange(first, first + num)[:, None] % 3
        return prior.sample(num, SEED, SAMPLING, condition, FIRST)

    together = in_batches(prior, NUM_IMAGES, NUM_IMAGES)
    assert num_torn(prior, in_batches(prior, 7, NUM_IMAGES, by_row), together)[0] > 30


def test_a_slightly_other_temperature_is_noticed(prior: Prior) -> None:
    def warmer(prior: Prior, first: int, num: int) -> Codes:
        return drawn(prior, first, num, Sampling(temperature=1.25, top_k=25))

    together = in_batches(prior, NUM_IMAGES, NUM_IMAGES)
    assert num_torn(prior, in_batches(prior, 7, NUM_IMAGES, warmer), together)[0] > 5
