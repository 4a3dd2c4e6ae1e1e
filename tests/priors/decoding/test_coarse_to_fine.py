"""Mirrors rqbench_priors/decoding/coarse_to_fine.py: the loop over slots against `generate`."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import (
    DataDependentOutputException,
    DynamicOutputShapeException,
    FakeTensorMode,
)
from torch.utils._python_dispatch import TorchDispatchMode

from rqbench.api import CodeLayout, Codes, ConditionSpec, Prior, Sampling
from rqbench_priors.coarse_to_fine import CoarseToFine, CoarseToFineConfig
from rqbench_priors.decoding import schedule
from rqbench_priors.decoding.arriving import Arriving
from rqbench_priors.decoding.coarse_to_fine import SlotDrawing
from rqbench_priors.decoding.slot_rows import SlotRows

TWO, THREE = CodeLayout(8, 8, 1, 6, (2, 1)), CodeLayout(8, 16, 1, 6, (4, 2, 1))
SPEC, SEED = ConditionSpec(3, null=True), 2


def build(layout: CodeLayout, order: str = "row-first", inputs: str = "learned") -> CoarseToFine:
    config = CoarseToFineConfig(
        width=16, heads=2, position_layers=1, content_layers=1, fine_order=order, inputs=inputs
    )
    codebook = torch.randn(1, layout.codebook_size, 3) if inputs == "codebook" else None
    return CoarseToFine(config, layout, codebook, SPEC)


def condition_of(num: int) -> Tensor:
    return torch.arange(num)[:, None] % 3


def steer(prior: CoarseToFine, step: float, end: float) -> CoarseToFine:
    """Regions are less probable by so much from each to the next, END by as much as from the first
    to this one."""
    num = prior.layout.num_regions
    with torch.no_grad():
        prior.position_bias.copy_(-step * torch.arange(num + 1.0))
        prior.position_bias[:, num] = -step * end
    return prior


class Late(Arriving):
    """What was sent arrives when it has been asked for seven times."""

    def __init__(self, most: int, device: torch.device) -> None:
        super().__init__(most, device)
        self.asked = 0

    def take(self) -> list[int] | None:
        self.asked += 1
        return super().take() if self.asked % 7 == 0 else None


@pytest.fixture(params=["a CPU", "a GPU"])
def like_device(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exactly the rows that draw, and news at once; or few sizes of the batch, and late news."""
    if request.param == "a GPU":
        num_rows, cuda = schedule.num_rows, torch.device("cuda")
        monkeypatch.setattr(schedule, "Arriving", Late)
        monkeypatch.setattr(schedule, "num_rows", lambda drawing, device: num_rows(drawing, cuda))


def sizes_seen(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Rows of the batch in each slot from now on."""
    sizes: list[int] = []
    draw = SlotDrawing.draw_codes

    def seen(self: SlotDrawing, slot: int) -> None:
        sizes.append(len(self.rows))
        draw(self, slot)

    monkeypatch.setattr(SlotDrawing, "draw_codes", seen)
    return sizes


def same(one: Codes, other: Codes) -> bool:
    assert one.grain_map is not None and other.grain_map is not None
    return torch.equal(one.values, other.values) and torch.equal(one.grain_map, other.grain_map)


@pytest.mark.parametrize(
    ("layout", "order", "inputs"),
    [
        (TWO, "row-first", "learned"),
        (TWO, "region-first", "codebook"),
        (THREE, "row-first", "codebook"),
        (THREE, "region-first", "learned"),
    ],
)
def test_codes_are_those_that_generate_draws(
    layout, order, inputs, lively, like_device, monkeypatch
):
    prior = steer(lively(build(layout, order, inputs)), step=1, end=layout.num_regions / 2)
    sizes = sizes_seen(monkeypatch)
    for num in (1, 5, 12):
        draw = num, SEED, Sampling(top_k=4), condition_of(num), 30
        sizes.clear()
        drawn = prior.sample(*draw, mode="eager")
        assert same(drawn, prior.sample(*draw, mode="reference"))
    assert sizes[-1] < max(sizes) == 12  # rows left
    assert len(drawn.num_codes().unique()) > 2


@pytest.mark.parametrize(("end", "num_codes"), [(20.0, 16), (-1.0, 64)])
def test_images_that_are_all_coarse_or_all_fine_end_with_their_last_code(
    end, num_codes, lively, like_device, monkeypatch
):
    prior = steer(lively(build(TWO)), step=50, end=end)
    sizes = sizes_seen(monkeypatch)
    drawn = prior.sample(6, SEED, None, condition_of(6), mode="eager")
    assert set(drawn.num_codes().tolist()) == {num_codes}
    assert num_codes <= len(sizes) < num_codes + 12
    assert same(drawn, prior.sample(6, SEED, None, condition_of(6), mode="reference"))


@pytest.mark.parametrize("layout", [TWO, THREE], ids=["two grains", "three grains"])
def test_twins_of_guidance_leave_together(layout, lively, like_device, monkeypatch):
    prior = steer(lively(build(layout)), step=1, end=layout.num_regions / 2)
    sizes = sizes_seen(monkeypatch)
    for num in (1, 6, 11):
        draw = num, SEED, Sampling(guidance=2.5), condition_of(num), 30
        drawn = prior.sample(*draw, mode="eager")
        assert same(drawn, prior.sample(*draw, mode="reference"))
    assert sizes[-1] < max(sizes) == 22


def test_one_image_more_or_less_in_the_batch_changes_no_code(lively, like_device):
    prior = steer(lively(build(TWO)), step=1, end=8)
    together = prior.sample(9, SEED, None, condition_of(9))
    for image in (0, 4, 8):
        alone = prior.sample(1, SEED, None, condition_of(9)[image : image + 1], image)
        assert same(alone, together[image : image + 1])


class Done(Exception):
    pass


class NoUpload(TorchDispatchMode):
    """A number that Python hands over as a tensor is copied to the device, which waits for it."""

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        assert function.overloadpacket not in (
            torch.ops.aten.scalar_tensor, torch.ops.aten.lift_fresh,
        )  # fmt: skip
        return function(*args, **(kwargs or {}))


@contextmanager
def without_values(monkeypatch: pytest.MonkeyPatch, heard: list[list[int]]) -> Iterator[None]:
    """Tensors have shapes alone; the host hears these lengths and grains, and ends with the loop.

    Whatever would wait for a value of a tensor, or for a shape that depends on one, is an error.
    """

    def done(rows: SlotRows) -> Codes:
        raise Done

    news = iter(heard)
    monkeypatch.setattr(Arriving, "take", lambda self: next(news, None))
    monkeypatch.setattr(SlotRows, "codes", done)
    with FakeTensorMode(), torch.no_grad():
        yield


@pytest.mark.parametrize("sampling", [Sampling(), Sampling(top_k=3, top_p=0.9, temperature=0.8)])
@pytest.mark.parametrize("layout", [TWO, THREE], ids=["two grains", "three grains"])
def test_the_loop_never_waits_for_a_value(layout, sampling, monkeypatch):
    sizes = sizes_seen(monkeypatch)
    heard = [[64, 64, 64, 0, 0, 1], [8, 64, 30, 1, 2, 2]]
    with without_values(monkeypatch, heard):
        prior = CoarseToFine.tiny(layout).eval()
        with pytest.raises(Done), NoUpload():
            prior.sample(3, SEED, sampling)
    assert [sizes.count(num) for num in (3, 2, 1)] == [8, 22, 34]


def test_nor_does_a_guided_one(monkeypatch):
    with without_values(monkeypatch, []):
        prior = CoarseToFine.tiny(TWO, SPEC).eval()
        monkeypatch.setattr("rqbench_priors.embedding.check_condition", lambda *given: None)
        condition = torch.zeros(3, 1, dtype=torch.int64)
        with pytest.raises(Done), NoUpload():
            prior.sample(3, SEED, Sampling(guidance=2.0), condition)


def test_the_loop_symbol_by_symbol_would_wait(monkeypatch):
    """So the tests above can fail."""
    waits = DataDependentOutputException, DynamicOutputShapeException
    with without_values(monkeypatch, []):
        prior: Prior = CoarseToFine.tiny(TWO).eval()
        with pytest.raises(waits):
            prior.sample(3, SEED, mode="reference")
    with pytest.raises(AssertionError), NoUpload():
        torch.where(torch.ones(2) > 0, torch.ones(2), 3.0)


def test_what_is_drawn_within_the_context_alone_goes_through_the_loop(monkeypatch):
    sizes = sizes_seen(monkeypatch)
    prior = CoarseToFine.tiny(TWO).eval()
    for mode, used in (("reference", False), ("eager", True), ("auto", True)):
        sizes.clear()
        prior.sample(2, SEED, mode=mode)
        assert bool(sizes) == used
    sizes.clear()
    prior.train().sample(2, SEED)
    assert not sizes
