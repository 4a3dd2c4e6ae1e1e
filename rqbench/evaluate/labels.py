"""Classes of pictures by the sub-folders that they lie in."""

from collections.abc import Sequence
from pathlib import PurePosixPath


def labels_by_folder(
    names: Sequence[str], class_names: Sequence[str], are_numbers: bool
) -> tuple[list[int] | None, str]:
    """The class of each file, or None where some have none; and a sentence on how it was found.

    A sub-folder bears the name of its class. Where classes have no names but numbers, a folder with
    exactly as many sub-folders as there are classes holds them in alphabetical order, as ImageNet's
    do.

    Args:
        names: relative paths.
        are_numbers: whether the class names are nothing but their numbers.
    """
    numbers = {name: number for number, name in enumerate(class_names)}
    known = [_known(name, numbers) for name in names]
    if None not in known:
        return [number for number in known if number is not None], "classes by sub-folder"
    tops = sorted({PurePosixPath(name).parts[0] for name in names if "/" in name})
    if are_numbers and len(tops) == len(class_names) and all("/" in name for name in names):
        ranks = {top: rank for rank, top in enumerate(tops)}
        labels = [ranks[PurePosixPath(name).parts[0]] for name in names]
        return labels, f"classes by the {len(tops)} sub-folders in alphabetical order"
    return None, (
        f"no prior rate: {names[known.index(None)]} lies in no sub-folder that is called as one of "
        "the prior's classes"
    )


def _known(name: str, numbers: dict[str, int]) -> int | None:
    """The number of the innermost folder that bears a class's name."""
    folders = reversed(PurePosixPath(name).parts[:-1])
    return next((numbers[folder] for folder in folders if folder in numbers), None)
