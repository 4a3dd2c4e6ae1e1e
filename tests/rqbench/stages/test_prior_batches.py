"""Mirrors rqbench/stages/prior_batches.py."""

import pytest
import torch

from rqbench.codes import Codes
from rqbench.condition_spec import ConditionSpec
from rqbench.layout import CodeLayout
from rqbench.models import load_tokenizer
from rqbench.prior_batch import PriorBatch
from rqbench.stages.encode_codes import read_codes
from rqbench.stages.prior_batches import (
    Conditions,
    Crops,
    crop_batches,
    drop_labels,
    encode_softly,
    rows_of_step,
    stored_batches,
    target_perplexity,
)
from rqbench.stages.trial import fresh_tokenizer
from rqbench.training import PriorTraining, SoftTargets

NULL = ConditionSpec(2, null=True)


def test_each_epoch_goes_through_the_pool_once_in_an_order_of_its_own():
    steps = [rows_of_step(5, pool=10, batch_size=5, step=step) for step in range(4)]
    first, second = steps[0] + steps[1], steps[2] + steps[3]
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second
    assert first[:5] != rows_of_step(6, 10, 5, 0)


def test_every_batch_is_whole_and_leftovers_wait_for_another_epoch():
    assert sorted(rows_of_step(0, pool=3, batch_size=3, step=7)) == [0, 1, 2]
    assert len(rows_of_step(0, 10, 4, 1)) == 4
    assert rows_of_step(0, 10, 4, 2) != rows_of_step(0, 10, 4, 0)


def test_labels_are_replaced_by_the_null_condition_with_their_probability():
    labels = torch.arange(8000) % 2
    kept, dropped = (
        drop_labels(labels, NULL, share, torch.Generator().manual_seed(1)) for share in (0.0, 0.25)
    )
    assert torch.equal(kept, labels[:, None])
    counts = dropped.flatten().bincount(minlength=3)
    assert counts[2] / 8000 == pytest.approx(0.25, abs=0.02)
    assert torch.equal(dropped[dropped < 2], kept[dropped < 2])


def test_label_dropout_follows_the_step_and_leaves_pictures_without_labels_alone(classes):
    conditions = Conditions(classes, PriorTraining(label_dropout=0.5), NULL)
    labels = torch.zeros(50, dtype=torch.int64)
    first, again, other = (conditions.at(labels, step) for step in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert conditions.at(None, 0) is None
    assert Conditions(classes, PriorTraining(), None).at(labels, 0) is None


def test_both_kinds_of_batches_hold_the_same_crops_at_the_same_steps(finished, setting):
    """The codes that a soft training sees without stochastic draws are the stored ones."""
    name = "rq-4x4x4"
    (tokenizer,) = finished.run.glob(f"stages/tokenizer-{name}-*")
    (folder,) = finished.run.glob(f"stages/codes-{name}-*")
    model = load_tokenizer(tokenizer, "cpu")
    codes, labels = read_codes(folder, "training", setting.layouts[name])
    conditions = Conditions(setting, PriorTraining(steps=5, batch_size=6, crops=16), None)
    soft = SoftTargets(temperature=1.0, stochastic=False)
    stored = stored_batches(conditions, codes, labels, first=1)
    crops = crop_batches(conditions, first=1)
    steps = list(zip(range(1, 5), stored, crops, strict=True))
    for step, hard, pictures in steps:
        encoded = encode_softly(setting, model, soft, pictures, step)
        assert torch.equal(encoded.codes.values, hard.codes.values)
        assert encoded.soft_targets.shape == (*hard.codes.values.shape, 16)


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_labels_come_with_the_crops_and_are_dropped_alike_in_both_kinds(classes, share):
    training = PriorTraining(steps=3, batch_size=4, crops=8, label_dropout=share)
    pool = classes.data.training_crops(classes.seed("prior crops"), range(8))
    layout = classes.layouts["vq-4x4"]
    codes = Codes(torch.zeros(8, layout.height, layout.width, 1, dtype=torch.int64), layout)
    conditions = Conditions(classes, training, NULL)
    steps = zip(
        stored_batches(conditions, codes, pool.labels, 0), crop_batches(conditions, 0), strict=True
    )
    dropped = 0
    for step, (hard, crops) in enumerate(steps):
        rows = rows_of_step(classes.seed("prior batches"), 8, 4, step)
        assert torch.equal(crops.images, pool.images[rows])
        assert torch.equal(crops.condition, hard.condition)
        kept = crops.condition[:, 0] < 2
        assert torch.equal(crops.condition[kept, 0], pool.labels[rows][kept])
        dropped += int((~kept).sum())
    assert (dropped > 0) == (share > 0)


def test_draws_follow_the_step_and_differ_between_the_parts_of_a_batch(setting):
    model = fresh_tokenizer(setting, "rq-4x4x4").eval()
    picture = torch.randint(256, (1, 3, 32, 32), dtype=torch.uint8)
    crops = Crops(picture.expand(8, -1, -1, -1), torch.arange(8)[:, None])
    soft = SoftTargets(temperature=100.0)
    second = crops[4:8]
    assert (len(second), second.place) == (4, 4)
    assert second.condition.tolist() == [[4], [5], [6], [7]]
    first, again, later, part = (
        encode_softly(setting, model, soft, batch, step).codes.values
        for batch, step in ((crops, 0), (crops, 0), (crops, 1), (second, 0))
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, later)
    assert not torch.equal(first[:4], part)


def test_the_perplexity_of_targets_is_how_many_codes_they_spread_over():
    codes = Codes(torch.zeros(1, 1, 2, 1, dtype=torch.int64), CodeLayout(1, 2, 1, 4))
    one, four = torch.eye(4)[0], torch.full((4,), 0.25)
    for targets, expected in (((one, one), 1.0), ((four, four), 4.0), ((one, four), 2.0)):
        batch = PriorBatch(codes, None, torch.stack(targets).view(1, 1, 2, 1, 4))
        assert target_perplexity(batch).item() == pytest.approx(expected)
