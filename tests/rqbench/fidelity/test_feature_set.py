"""Mirrors rqbench/fidelity/feature_set.py."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from rqbench.fidelity.feature_set import FeatureSet, Part
from rqbench.fidelity.pictures import PictureFacts

WHOLE = np.arange(14, dtype=np.float32).reshape(7, 2)
LENGTHS = (3, 0, 1, 3)


def facts(count):
    return [PictureFacts(f"{n}.png", f"{n:064x}", 4, 4, "PNG", "RGB", None) for n in range(count)]


def part(first, count):
    rows = WHOLE[first : first + count]
    return Part(count, lambda: (rows, rows[:, :1]))


@pytest.fixture
def parted():
    """Seven pictures in four parts, one of which is empty."""
    firsts = np.cumsum([0, *LENGTHS[:-1]])
    parts = [part(first, count) for first, count in zip(firsts.tolist(), LENGTHS, strict=True)]
    return FeatureSet(parts, facts(7))


def test_all_parts_together_are_the_whole(parted):
    assert (parted.n, len(parted), parted.dim, parted.num_classes) == (7, 7, 2, 1)
    assert np.array_equal(parted.features(), WHOLE)
    assert np.array_equal(parted.logits(), WHOLE[:, :1])


@pytest.mark.parametrize("size", [1, 2, 4, 7, 100])
def test_blocks_of_any_size_are_the_whole_too(parted, size):
    features, logits = zip(*parted.blocks(size), strict=True)
    assert max(map(len, features)) == min(size, 7)
    assert np.array_equal(np.concatenate(features), WHOLE)
    assert np.array_equal(np.concatenate(logits), WHOLE[:, :1])


def test_what_is_gathered_is_mapped_and_gathered_once(parted):
    assert isinstance(parted.features(), np.memmap)
    assert parted.features() is parted.features()


def test_some_pictures_come_in_the_order_that_is_asked_for(parted):
    some = parted.subset(np.array([6, 0, 3, 3]))
    assert np.array_equal(some.features(), WHOLE[[6, 0, 3, 3]])
    assert [fact.name for fact in some.facts] == ["6.png", "0.png", "3.png", "3.png"]
    fewer = some.subset(np.array([1, 0]))
    assert np.array_equal(fewer.features(), WHOLE[[0, 6]])


def test_pictures_are_of_the_photographs_that_they_are_said_to_be_of(parted):
    some = parted.subset(np.array([6, 0, 3])).of_photographs(["a", "b", "a"])
    assert some.clusters == ["a", "b", "a"]
    assert np.array_equal(some.features(), WHOLE[[6, 0, 3]])
    assert parted.clusters is None


def test_no_part_stays_open(parted):
    """A process may hold some thousand files open, and a large set has more parts."""
    opened = []
    counting = [Part(1, lambda row=row: opened.append(row) or (row, row)) for row in WHOLE[:, None]]
    FeatureSet(counting, facts(7)).features()
    assert len(opened) == 8  # once to learn the widths, then each when it is read


def test_features_without_logits_will_do():
    found = FeatureSet.of_arrays(WHOLE, np.empty((7, 0), np.float32), facts(7))
    assert (found.logits().shape, found.num_classes) == ((7, 0), 0)


def test_photographs_are_known_where_every_picture_has_one_and_some_share_it():
    def of(*names):
        named = [replace(fact, cluster=name) for fact, name in zip(facts(3), names, strict=True)]
        return FeatureSet.of_arrays(WHOLE[:3], WHOLE[:3], named)

    assert of("a", "b", "a").clusters == ["a", "b", "a"]
    assert of("a", "b", "a").subset(np.array([2, 0])).clusters == ["a", "a"]
    assert of("a", "b", "c").clusters is None
    assert of("a", None, "a").clusters is None


def test_the_digest_is_that_of_the_contents_whatever_their_order(parted):
    each = "\n".join(f"{n:064x}" for n in range(7))
    assert parted.digest == hashlib.sha256(each.encode()).hexdigest()
    assert parted.subset(np.arange(7)[::-1].copy()).digest == parted.digest
    assert parted.subset(np.arange(6)).digest != parted.digest
