"""Mirrors rqbench_reports/hollow.py."""

from rqbench_reports.hollow import hollow_notes, other_terms
from rqbench_reports.pairing import terms


def test_the_terms_of_most_are_the_usual_ones(record):
    a, b, c = (record(name, "psnr_db", 1.0, data=name[0]) for name in ("xa", "xb", "yc"))
    assert other_terms([a, b, c]) == {terms(c)}
    assert other_terms([a, b]) == other_terms([]) == set()


def test_a_note_names_all_systems_of_the_same_terms(record):
    a = record("a", "psnr_db", 1.0, data="mine", protocol="crops", protocol_hash="12ab")
    b, c = a.model_copy(update={"system": "b"}), a.model_copy(update={"system": "c", "n": 7})
    d = record("d", "psnr_db", 1.0)
    first, second = hollow_notes([a, b, a, c, d])
    assert first == (
        "Hollow, measured on other terms and not compared: a, b, c; n = 64, mine (in-scene), "
        "protocol crops (12ab)."
    )
    assert "compared: d; n = 64, photos" in second
    assert hollow_notes([]) == []
