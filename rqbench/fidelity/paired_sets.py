"""Originals and their reconstructions, place by place."""

from collections.abc import Sequence
from dataclasses import replace

from ..counted import counted
from ..errors import DataError
from .measured_set import MeasuredSet
from .pictures import Pictures


def check_counts(reference: Pictures | None, candidates: Sequence[Pictures | None]) -> None:
    """What cannot pair however its pictures turn out: told before the pass over all of them.

    Args:
        reference, candidates: None of statistics, which are not counted here.

    Raises:
        DataError: another number of candidates than of originals.
    """
    if reference is None:
        return
    for each in candidates:
        if each is not None and len(each) != len(reference):
            raise _other_number(reference.name, len(reference), each.name, len(each))


def pair(reference: MeasuredSet, candidates: Sequence[MeasuredSet]) -> list[MeasuredSet]:
    """The reference and the candidates, all of the photographs that any of them names.

    Raises:
        DataError: sets whose pictures do not belong together one by one.
    """
    for each in candidates:
        _check(reference, each)
    sets = [reference, *candidates]
    named = [each for each in sets if each.clusters is not None]
    for each in named[1:]:
        if each.clusters != named[0].clusters:
            raise DataError(
                f"{each.name} cannot pair with {named[0].name}: in the same places they are crops "
                "of other photographs. Give reconstructions in the order of the originals, or "
                "leave --paired out."
            )
    return [_of_photographs(each, named[0]) for each in sets] if named else sets


def _of_photographs(measured: MeasuredSet, named: MeasuredSet) -> MeasuredSet:
    assert measured.features is not None and named.clusters is not None  # as checked
    return replace(measured, features=measured.features.of_photographs(named.clusters))


def _check(reference: MeasuredSet, candidate: MeasuredSet) -> None:
    if reference.given is not None:
        raise DataError(
            f"{candidate.name} cannot pair with the statistics in {reference.name}, which are of "
            "other pictures. Write its arr_0 alone into a file, or leave --paired out."
        )
    num_originals = 0 if reference.features is None else reference.features.n
    assert candidate.n is not None  # of pictures
    if num_originals != candidate.n:
        raise _other_number(reference.name, num_originals, candidate.name, candidate.n)
    for each in (reference, candidate):
        if each.features is not None and each.features.skipped:
            raise DataError(
                f"{each.name} lacks pictures that were left out, so places do not say which "
                f"belong together: {each.features.skipped[0]}. Remove them from both sets."
            )


def _other_number(reference: str, num_originals: int, candidate: str, count: int) -> DataError:
    originals = counted(num_originals, "picture") if num_originals else "statistics alone"
    return DataError(
        f"{candidate} cannot pair with {reference}: {counted(count, 'picture')} against "
        f"{originals}. Give the originals of exactly these reconstructions, in the same order, or "
        "leave --paired out."
    )
