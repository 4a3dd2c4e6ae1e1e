"""Mirrors rqbench/fidelity/traps.py, class_traps.py, pixel_traps.py and side.py.

Each trap has a made example, and one that it lets pass.
"""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from rqbench.fidelity import traps
from rqbench.fidelity.pictures import PictureFacts
from rqbench.fidelity.side import Side
from rqbench.fidelity.traps import traps_met


def fact(place: int, **changes) -> PictureFacts:
    plain = PictureFacts(
        name=f"{place:05d}.png", sha256=f"{place:064x}", width=256, height=256,
        format="PNG", mode="RGB", label=None,
    )  # fmt: skip
    return replace(plain, **changes)


def side(name: str, start: int = 0, n: int = 20, **changes) -> Side:
    return Side(name, n, [fact(start + place, **changes) for place in range(n)])


def large(name: str, start: int) -> Side:
    return replace(side(name, start), n=10_000)


def labelled(name: str, labels: str, start: int = 0) -> Side:
    facts = [fact(start + place, label=label) for place, label in enumerate(labels)]
    return Side(name, len(facts), facts)


def names(reference: Side, candidate: Side, shuffles: bool = True, side_px: int = 299) -> list[str]:
    return [trap.name for trap in traps_met(reference, candidate, shuffles, side_px)]


def noise(place: int, side_px: int = 64) -> np.ndarray:
    return np.random.default_rng(place).integers(0, 256, (side_px, side_px, 3), dtype=np.uint8)


def test_two_large_sets_of_equal_pictures_meet_no_trap():
    assert names(large("real", 0), large("fake", 100)) == []


def test_statistics_without_pictures_meet_no_trap_but_what_the_candidate_does():
    assert names(Side("saved", None), large("fake", 0)) == []
    assert names(Side("saved", None), side("fake")) == ["few-images"]


def test_fewer_than_ten_thousand_are_few_and_both_sides_are_named():
    met = traps.few_images([side("real"), large("fake", 0)])
    assert met is not None and "20 in real" in met[1] and "fake" not in met[1]


def test_unequal_counts_are_named_with_both_numbers():
    met = traps.unequal_counts(large("real", 0), side("fake"))
    assert met is not None and "10,000 pictures in real against 20 in fake" in met[1]


def test_a_picture_twice_in_a_set_and_one_in_both_sets_are_duplicates():
    twice = Side("real", 3, [fact(1), fact(2), fact(1, name="again.png")])
    met = traps.duplicates([twice, side("fake", 2, n=1)])
    assert met is not None
    assert "1 of 3 in real repeat another, such as again.png" in met[1]
    assert "1 in fake are also in real" in met[1]
    assert traps.duplicates([side("real"), side("fake", 50)]) is None


def test_one_picture_of_another_size_makes_sizes_mixed():
    mixed = Side("fake", 2, [fact(1), fact(2, width=128)])
    met = traps.mixed_sizes([side("real"), mixed])
    assert met is not None and "fake has 2 sizes, 128x256, 256x256" in met[1]


def test_sets_without_a_common_size_are_mismatched():
    met = traps.mismatched_sizes(side("real"), side("fake", width=64, height=64))
    assert met is not None and "real has 256x256, fake 64x64" in met[1]


def test_jpeg_against_png_is_met_and_jpeg_against_jpeg_is_not():
    jpeg, png = side("real", format="JPEG"), side("fake", 50)
    met = traps.jpeg_against_png(jpeg, png)
    assert met is not None and "100% of real and 0% of fake" in met[1]
    assert traps.jpeg_against_png(jpeg, side("fake", 50, format="JPEG")) is None


@pytest.mark.parametrize(
    ("method", "words"),
    [
        (Image.Resampling.NEAREST, "fake repeats its pixels"),
        (Image.Resampling.LANCZOS, "as if enlarged or blurred"),
    ],
)
def test_pictures_enlarged_before_are_seen_by_their_pixels(method, words):
    def enlarged(place: int) -> np.ndarray:
        return np.asarray(Image.fromarray(noise(place, 32)).resize((64, 64), method))

    real, fake = (
        Side(name, 8, [fact(place, width=64, height=64) for place in range(8)], read)
        for name, read in (("real", noise), ("fake", enlarged))
    )
    met = traps.upscaled([real, fake], side_px=64)
    assert met is not None and words in met[1] and "real" not in met[1]
    assert traps.upscaled([real, real], side_px=64) is None


def test_pictures_that_the_extractor_enlarges_more_than_twofold_are_named():
    met = traps.upscaled([side("real"), side("fake", width=64, height=64)], side_px=299)
    assert met is not None and "enlarge fake 4.7 times" in met[1] and "real" not in met[1]


def test_other_shares_of_classes_than_the_references_are_met():
    met = traps.unbalanced_classes(
        [labelled("real", "ab" * 50), labelled("fake", "a" * 80 + "b" * 20)]
    )
    assert met is not None and "fake has 80 of class a and 20 of class b" in met[1]


def test_the_references_own_shares_are_right_and_chance_is_no_trap():
    skewed = "a" * 80 + "b" * 20
    assert traps.unbalanced_classes([labelled("real", skewed), labelled("fake", skewed)]) is None
    drawn = "".join(np.random.default_rng(0).choice(list("abcdefghij"), 200))
    assert (
        traps.unbalanced_classes([labelled("real", "abcdefghij" * 20), labelled("fake", drawn)])
        is None
    )
    assert traps.unbalanced_classes([side("real"), labelled("fake", drawn)]) is None


def test_one_labelled_set_is_compared_with_equal_classes():
    met = traps.unbalanced_classes([side("real"), labelled("fake", "a" * 90 + "b" * 10)])
    assert met is not None and "fake has 90 of class a and 10 of class b" in met[1]


def test_a_class_that_one_set_lacks_is_named():
    met = traps.unbalanced_classes([labelled("real", "abc" * 20), labelled("fake", "ab" * 30)])
    assert met is not None and "fake has 30 of class a and 0 of class c" in met[1]


def test_pictures_that_do_not_pair_are_said_to_where_they_should():
    real, fake, moved = (
        Side(name, 8, [fact(place) for place in range(8)], read)
        for name, read in (
            ("real", coarse),
            ("fake", coarse),
            ("moved", lambda place: coarse(place + 1)),
        )
    )
    assert traps.not_paired(real, fake) is None
    met = traps.not_paired(real, moved)
    assert met is not None and "moved does not look like reconstructions of real" in met[1]


def coarse(place: int) -> np.ndarray:
    return np.asarray(Image.fromarray(noise(place, 4)).resize((32, 32), Image.Resampling.NEAREST))


def test_sorted_classes_are_a_trap_only_where_the_protocol_does_not_shuffle():
    by_class = labelled("fake", "a" * 50 + "b" * 50)
    assert "class-sorted" in names(labelled("real", "ab" * 50, 500), by_class, shuffles=False)
    assert "class-sorted" not in names(labelled("real", "ab" * 50, 500), by_class, shuffles=True)
    assert traps.class_sorted(labelled("fake", "ab" * 50)) is None


def test_without_labels_the_extractors_own_classes_show_the_order():
    guessed = [place // 25 for place in range(100)]
    assert traps.class_sorted(replace(side("fake", n=100), guessed=guessed)) is not None
    shuffled = np.random.default_rng(0).permutation(guessed).tolist()
    assert traps.class_sorted(replace(side("fake", n=100), guessed=shuffled)) is None
