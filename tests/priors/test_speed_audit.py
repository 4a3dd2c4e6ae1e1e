"""What rqbench/speed/audit.py finds in our priors: nothing in sound ones, and planted faults."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from rqbench.api import CodeLayout, ConditionSpec, Prior, Sampling
from rqbench.speed import audit as audit_module
from rqbench.speed.audit import audit
from rqbench_priors.coarse_to_fine import CoarseToFine
from rqbench_priors.decoding import attention, stack
from rqbench_priors.decoding.placed import PlacedInputs
from rqbench_priors.decoding.schedule import Schedule
from rqbench_priors.decoding.slot_rows import SlotRows
from rqbench_priors.depth_stacked import DepthStacked
from rqbench_priors.dq_transformer import DQTransformer
from rqbench_priors.raster import Raster
from rqbench_priors.transformer import KeyValueCache

FLAT, STACKED = CodeLayout(4, 4, 1, 32), CodeLayout(3, 3, 3, 32)
TWO_GRAINS, WIDE = CodeLayout(4, 4, 1, 32, (2, 1)), CodeLayout(8, 8, 1, 256, (2, 1))
SYSTEMS = [
    (Raster, FLAT), (Raster, TWO_GRAINS), (DepthStacked, STACKED), (CoarseToFine, TWO_GRAINS),
    (DQTransformer, TWO_GRAINS),
]  # fmt: skip
SAMPLING, BATCH, FIRST = Sampling(temperature=0.9, top_k=20), 6, 12
Write = Callable[..., tuple[Tensor, Tensor]]


def build(kind: type[Prior], layout: CodeLayout, condition: ConditionSpec | None = None) -> Prior:
    """A tiny prior whose weights are large enough to attend and to prefer."""
    prior = kind.tiny(layout, condition).eval()
    with torch.no_grad():
        for parameter in prior.parameters():
            if parameter.dim() > 1:
                parameter.mul_(12)
    return prior


def drawn_and_audited(
    prior: Prior, condition: Tensor | None = None, mode: str = "auto", **of_draw: object
):
    sampling = SAMPLING.model_copy(update=of_draw)
    codes = prior.sample(BATCH, 5, sampling, condition, FIRST, mode=mode)
    return audit(prior, codes, 5, FIRST, SAMPLING, condition, mode)


@pytest.mark.parametrize(("kind", "layout"), SYSTEMS)
def test_what_is_sound_passes(kind, layout):
    prior = build(kind, layout, ConditionSpec(3))
    found = drawn_and_audited(prior, torch.arange(BATCH)[:, None] % 3)
    assert found.passed, found.faults
    assert found.against == ("nats" if layout.is_dynamic else "logits")
    assert found.images == BATCH
    assert found.symbols >= BATCH * layout.min_codes
    assert found.near_edge <= 2
    assert found.largest_error < 1e-4


def one_off(write: Write) -> Write:
    """A cache that forgets the newest place."""

    def wrong(self: KeyValueCache, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, ...]:
        both = write(self, layer, keys, values)
        return both if self.length == 0 else tuple(each[:, :, :-1] for each in both)

    return wrong


def stale(write: Write) -> Write:
    """A bucket of four places that is not left in time for the next one."""

    def wrong(self: KeyValueCache, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, ...]:
        return tuple(
            each[:, :, : each.shape[2] if each.shape[2] <= 4 else each.shape[2] // 4 * 4]
            for each in write(self, layer, keys, values)
        )

    return wrong


@pytest.mark.parametrize("plant", [one_off, stale])
@pytest.mark.parametrize(("kind", "layout"), SYSTEMS)
def test_a_cache_that_shows_the_wrong_places_is_caught(kind, layout, plant, monkeypatch):
    prior = build(kind, layout)
    monkeypatch.setattr(KeyValueCache, "write", plant(KeyValueCache.write))
    found = drawn_and_audited(prior, mode="reference")
    assert not found.passed
    assert found.largest_error > 10 * found.tolerance


def late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each place is written over the one before it."""
    step = stack.Layer.step
    monkeypatch.setattr(
        stack.Layer, "step", lambda layer, stream, at: step(layer, stream, max(at - 1, 0))
    )


def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket of two places that is never left."""

    Slot = attention.Slot

    def slot(newest: Tensor, keys: Tensor, values: Tensor) -> attention.Slot:
        return Slot(newest, keys[..., :2], values[:, :2])

    monkeypatch.setattr(attention, "Slot", slot)


def dead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Layers that do nothing."""
    monkeypatch.setattr(stack.Layer, "step", lambda layer, stream, at: None)


@pytest.mark.parametrize("plant", [late, short, dead])
@pytest.mark.parametrize(("kind", "layout"), SYSTEMS)
def test_a_fault_of_the_faster_loop_is_caught(kind, layout, plant, monkeypatch):
    prior = build(kind, layout)
    plant(monkeypatch)
    found = drawn_and_audited(prior)
    assert not found.passed
    assert found.largest_error > 3 * found.tolerance


def unmoved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of the caches that stay where they were when others leave."""
    select = attention.Attention.select
    monkeypatch.setattr(
        attention.Attention,
        "select",
        lambda self, rows, length: select(self, torch.arange(len(rows)), length),
    )


def one_place_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each code is told to stand where the one before it stands."""
    find = SlotRows.find_places
    monkeypatch.setattr(SlotRows, "find_places", lambda rows, slot: find(rows, max(slot - 1, 0)))


def one_slot_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes enter in the slot before theirs."""
    at = PlacedInputs.at
    monkeypatch.setattr(
        PlacedInputs, "at", lambda self, codes, places, slot: at(self, codes, places, slot - 1)
    )


def left_early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that leave one slot before their last one, but for images that are all coarse."""
    num_rows = Schedule.num_rows
    monkeypatch.setattr(
        Schedule, "num_rows", lambda schedule, slot: num_rows(schedule, slot + (slot > 4))
    )


@pytest.mark.parametrize("plant", [unmoved, one_place_late, one_slot_late, left_early])
def test_a_fault_of_the_loop_over_slots_is_caught(plant, monkeypatch):
    prior = build(CoarseToFine, TWO_GRAINS)
    codes = prior.sample(BATCH, 5, SAMPLING, None, FIRST)
    assert audit(prior, codes, 5, FIRST, SAMPLING).passed
    assert len(codes.num_codes().unique()) > 1  # or else no row leaves before another
    plant(monkeypatch)
    assert not drawn_and_audited(prior).passed


@pytest.mark.parametrize(("kind", "layout"), [(Raster, FLAT), (DepthStacked, STACKED)])
def test_so_it_is_where_only_the_timed_draw_was_wrong(kind, layout, monkeypatch):
    """Repeating the codes shows nothing then, but they are not what was to be drawn."""
    prior = build(kind, layout)
    with monkeypatch.context() as planted:
        late(planted)
        codes = prior.sample(BATCH, 5, SAMPLING, None, FIRST)
    found = audit(prior, codes, 5, FIRST, SAMPLING)
    assert found.largest_error < found.tolerance
    assert found.unexplained > 0
    assert not found.passed


@pytest.mark.parametrize("plant", [late, short, dead])
@pytest.mark.parametrize(("kind", "layout"), SYSTEMS)
def test_half_precision_hides_none_of_them(kind, layout, plant, monkeypatch):
    prior = build(kind, layout).bfloat16()
    assert drawn_and_audited(prior).passed
    plant(monkeypatch)
    assert not drawn_and_audited(prior).passed


@pytest.mark.parametrize("plant", [short, dead])
@pytest.mark.parametrize(("kind", "layout"), SYSTEMS)
def test_nor_do_random_weights_which_prefer_next_to_nothing(kind, layout, plant, monkeypatch):
    """As those of presets."""
    prior = kind.tiny(layout).eval().bfloat16()
    assert drawn_and_audited(prior).passed
    plant(monkeypatch)
    assert not drawn_and_audited(prior).passed


@pytest.mark.parametrize(("kind", "layout"), SYSTEMS)
def test_a_wrong_temperature_is_caught(kind, layout):
    found = drawn_and_audited(build(kind, layout), temperature=1.0)
    assert found.unexplained > 0
    assert not found.passed


def test_codes_of_another_seed_or_of_other_images_are_caught():
    prior = build(Raster, FLAT)
    codes = prior.sample(BATCH, 5, SAMPLING, None, FIRST)
    assert audit(prior, codes, 5, FIRST, SAMPLING).passed
    assert not audit(prior, codes, 6, FIRST, SAMPLING).passed
    assert not audit(prior, codes, 5, FIRST + 1, SAMPLING).passed


@pytest.fixture
def all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Quicker than four by four; the last test sees that it finds the same."""
    monkeypatch.setattr(audit_module, "AT_ONCE", {"cpu": 16})


@pytest.mark.usefixtures("all_at_once")
def test_a_slight_temperature_shows_in_half_precision_by_the_mean_log_probability():
    """Where the tolerance of single symbols explains every one of them."""
    layout = CodeLayout(8, 8, 1, 256)
    prior = build(Raster, layout).bfloat16()
    codes = prior.sample(16, 5, Sampling(temperature=1.6))
    found = audit(prior, codes, 5, 0, Sampling())
    assert any("standard errors" in fault for fault in found.faults)
    assert found.surprise > 0
    sound = audit(prior, prior.sample(16, 5), 5, 0, Sampling())
    assert sound.passed, sound.faults


@pytest.mark.parametrize(
    ("kind", "layout"),
    [
        (Raster, CodeLayout(8, 8, 1, 256)), (DepthStacked, CodeLayout(4, 4, 4, 256)),
        (Raster, WIDE), (CoarseToFine, WIDE), (DQTransformer, WIDE),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("all_at_once")
def test_random_weights_in_half_precision_do_not_hide_it_from_the_count(kind, layout):
    """Which prefer next to nothing, so that the tolerance explains every single symbol."""
    prior = kind.tiny(layout).eval().bfloat16()
    sound = audit(prior, prior.sample(16, 5), 5, 0, Sampling())
    assert sound.passed, sound.faults
    found = audit(prior, prior.sample(16, 5, Sampling(temperature=1.3)), 5, 0, Sampling())
    assert found.unexplained == 0
    assert found.near_edge > 2 * found.allowed
    assert any("the most that chance explains" in fault for fault in found.faults)


@pytest.mark.parametrize(("kind", "layout"), [(Raster, FLAT), (DepthStacked, STACKED)])
@pytest.mark.usefixtures("all_at_once")
def test_as_many_symbols_differ_as_are_expected(kind, layout):
    """In half precision, where some do."""
    prior = build(kind, layout).bfloat16()
    audits = [audit(prior, prior.sample(16, seed), seed, 0, Sampling()) for seed in range(12)]
    differ, expected = (
        sum(getattr(found, name) for found in audits) for name in ("near_edge", "expected")
    )
    assert expected > 20
    assert abs(differ - expected) < 4 * expected**0.5


def test_only_the_drawn_symbols_can_be_compared_where_a_prior_tells_no_more():
    """A stranger's prior: no logits at once, and costs of symbols through its own step path."""

    class Silent(CoarseToFine):
        symbol_nats = Prior.symbol_nats

    found = drawn_and_audited(build(Silent, TWO_GRAINS))
    assert (found.against, found.passed) == ("image nats", True)


@pytest.mark.parametrize(("kind", "layout"), [(Raster, FLAT), (CoarseToFine, TWO_GRAINS)])
def test_it_finds_the_same_however_many_images_go_at_once(kind, layout, monkeypatch):
    prior = build(kind, layout)
    codes = prior.sample(BATCH, 5, SAMPLING, None, FIRST)
    found = []
    for at_once in (1, 4, 16):
        monkeypatch.setattr(audit_module, "AT_ONCE", {"cpu": at_once})
        found.append(audit(prior, codes, 5, FIRST + 1, SAMPLING))  # of other images: many differ
    assert found[0].unexplained > 10
    for one in found[1:]:
        assert (one.images, one.symbols) == (found[0].images, found[0].symbols)
        assert (one.unexplained, one.near_edge) == (found[0].unexplained, found[0].near_edge)
        assert one.surprise == pytest.approx(found[0].surprise, abs=1e-3)
