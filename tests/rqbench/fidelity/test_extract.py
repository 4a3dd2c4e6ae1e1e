"""Mirrors rqbench/fidelity/extract.py."""

import numpy as np

from rqbench.fidelity import extract
from rqbench.fidelity.chunk_store import Seen
from rqbench.fidelity.extract import extract_in_order, of_one_size
from rqbench.fidelity.prepare import Prepared


def prepared(index, width):
    pixels = np.full((2, width, 3), index, np.uint8)
    return Prepared(index, f"{index}.png", Seen(width, 2, "PNG", "RGB"), pixels)


def usable(*widths):
    return [(one, one.pixels) for one in (prepared(*each) for each in enumerate(widths))]


def test_each_batch_has_one_size_and_the_rest_comes_last():
    found = of_one_size(usable(4, 5, 4, 4, 5, 6), 2)
    assert [[one.index for one, _ in some] for some in found] == [[0, 2], [1, 4], [3], [5]]


def test_what_waits_is_bounded_even_where_all_sizes_differ(monkeypatch):
    monkeypatch.setattr(extract, "MOST_WAITING_BYTES", 6 * (4 + 5 + 6))
    found = [[one.index for one, _ in some] for some in of_one_size(usable(4, 5, 6, 7, 4), 9)]
    assert found == [[3], [0, 4], [1], [2]]


def test_results_are_in_order_and_skip_what_has_no_pixels(mean_extractor):
    told = []
    bad = Prepared(2, "2.png", Seen(fault="broken"), None)
    some = [prepared(0, 4), prepared(1, 5), bad, prepared(3, 4)]
    features, logits = extract_in_order(some, mean_extractor, 8, told.append)
    assert features.tolist() == [[0, 4, 2], [1, 5, 2], [3, 4, 2]]
    assert logits[:, 0].tolist() == [0, 2, 6]
    assert sorted(told) == [1, 2]


def test_of_no_picture_there_are_no_rows_but_columns(mean_extractor):
    features, logits = extract_in_order([], mean_extractor, 8, print)
    assert (features.shape, logits.shape) == ((0, 3), (0, 2))
