"""`generate` with the caches of `faster_steps` against `generate` with the plain ones."""

import pytest
import torch
from torch import Tensor

from rqbench.api import CodeLayout, ConditionSpec, Prior, Sampling, Step
from rqbench.step import where_it_counts
from rqbench_priors.coarse_to_fine import CoarseToFine
from rqbench_priors.decoding import attention
from rqbench_priors.decoding.stack import DecodingCache
from rqbench_priors.depth_stacked import DepthStacked
from rqbench_priors.dq_transformer import DQTransformer
from rqbench_priors.raster import Raster
from rqbench_priors.transformer import KeyValueCache, Stack

GRAINS, THREE = CodeLayout(4, 4, 1, 32, (2, 1)), CodeLayout(4, 4, 1, 32, (4, 2, 1))
SYSTEMS = [
    (Raster, GRAINS), (CoarseToFine, GRAINS), (CoarseToFine, THREE), (DQTransformer, GRAINS),
    (DepthStacked, CodeLayout(2, 3, 3, 32)),
]  # fmt: skip
DYNAMIC = [pair for pair in SYSTEMS if pair[1].is_dynamic]
SEED, NUM_IMAGES = 3, 7


def named(pair: tuple[type[Prior], CodeLayout]) -> str:
    return f"{pair[0].__name__} {pair[1]}"


@pytest.fixture(params=SYSTEMS, ids=named)
def prior(request: pytest.FixtureRequest) -> Prior:
    kind, layout = request.param
    made = kind.tiny(layout, ConditionSpec(3, null=True)).eval()
    for weight in made.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    return made


def logits_of(prior: Prior, symbols: Tensor, condition: Tensor) -> dict[tuple[int, int], Tensor]:
    """What `generate` computes of each image's symbols while it repeats them."""
    seen: dict[tuple[int, int], Tensor] = {}

    @where_it_counts
    def choose(logits: Tensor, step: Step) -> Tensor:
        names = zip(step.image.tolist(), step.ordinal.tolist(), strict=True)
        seen.update(zip(names, logits.clone(), strict=True))
        return symbols[step.image, step.ordinal]

    with torch.no_grad():
        prior.generate(choose, len(symbols), condition)
    return seen


def differences(prior: Prior) -> float:
    """The largest of all logits, of images of many lengths."""
    condition = torch.arange(NUM_IMAGES)[:, None] % 3
    codes = prior.sample(NUM_IMAGES, SEED, condition=condition, mode="reference")
    symbols = prior.symbols(codes)
    plain = logits_of(prior, symbols, condition)
    with prior.faster_steps():
        fast = logits_of(prior, symbols, condition)
    assert plain.keys() == fast.keys()
    assert len(plain) == (symbols >= 0).sum()
    return max(float((plain[name] - fast[name]).abs().max()) for name in plain)


def test_logits_are_the_same_also_of_rows_that_move_up_when_others_leave(prior: Prior) -> None:
    assert differences(prior) < 1e-4


@pytest.mark.parametrize("prior", DYNAMIC, indirect=True, ids=named)
def test_sampling_goes_through_them_unless_told_otherwise(
    prior: Prior, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is nothing faster still, as for codes of fixed length."""
    condition, sampling = torch.arange(NUM_IMAGES)[:, None] % 3, Sampling(guidance=2.0, top_k=20)
    draw = (NUM_IMAGES, SEED, sampling, condition)
    reference = prior.sample(*draw, mode="reference")
    looks = []
    look = attention._look
    monkeypatch.setattr(attention, "_look", lambda *given: looks.append(1) or look(*given))
    eager = prior.sample(*draw)
    assert looks
    same = (eager.values == reference.values).flatten(1).all(dim=1)
    assert same.double().mean() > 0.7  # but where a number falls beside an edge
    looks.clear()
    prior.sample(*draw, mode="reference")
    prior.train().sample(*draw)
    assert not looks


def test_caches_are_plain_again_afterwards_even_if_drawing_fails(prior: Prior) -> None:
    def fail(logits: Tensor, step: Step) -> Tensor:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), prior.faster_steps():
        prior.generate(fail, 1, torch.zeros(1, 1, dtype=torch.int64))
    stacks = [part for part in prior.modules() if isinstance(part, Stack)]
    assert {stack.cache_type for stack in stacks} == {KeyValueCache}
    with prior.faster_steps():
        with prior.faster_steps():
            pass
        assert {stack.cache_type for stack in stacks} == {DecodingCache}


def test_a_row_that_stays_where_it_was_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first test would see a fault here."""
    select = attention.Attention.select
    monkeypatch.setattr(
        attention.Attention,
        "select",
        lambda self, rows, length: select(self, torch.arange(len(rows)), length),
    )
    prior = CoarseToFine.tiny(GRAINS, ConditionSpec(3)).eval()
    for weight in prior.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    assert differences(prior) > 1e-2
