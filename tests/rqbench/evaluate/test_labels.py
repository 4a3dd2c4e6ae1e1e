"""Mirrors rqbench/evaluate/labels.py."""

from rqbench.evaluate.labels import labels_by_folder

NUMBERS = ("0", "1", "2")


def test_a_sub_folder_bears_the_name_of_its_class():
    names = ["cat/1.png", "dog/1.png", "val/cat/2.png"]
    assert labels_by_folder(names, ("dog", "cat"), False) == ([1, 0, 1], "classes by sub-folder")


def test_a_sub_folder_may_bear_the_number_of_a_class_that_has_no_name():
    assert labels_by_folder(["2/a.png", "0/a.png"], NUMBERS, True)[0] == [2, 0]


def test_as_many_sub_folders_as_numbered_classes_are_taken_in_their_order():
    names = ["n03/a.png", "n01/a.png", "n02/a.png", "n01/b.png"]
    labels, note = labels_by_folder(names, NUMBERS, True)
    assert labels == [2, 0, 1, 0]
    assert note == "classes by the 3 sub-folders in alphabetical order"
    assert labels_by_folder(names, ("cat", "dog", "eel"), False)[0] is None


def test_without_a_class_for_each_there_are_none():
    labels, note = labels_by_folder(["0/a.png", "b.png"], NUMBERS, True)
    assert labels is None
    assert note.startswith("no prior rate: b.png lies in no sub-folder")
    assert labels_by_folder(["n01/a.png", "n02/a.png"], NUMBERS, True)[0] is None
