"""Mirrors rqbench/sides.py."""

from rqbench.sides import Side, changes, same_codes, side


def made(name, prior=None, of_tokenizer=None, of_prior=None):
    return Side(name, prior, {}, {}, of_tokenizer or {}, of_prior or {})


def test_a_side_is_made_of_the_main_records_of_its_parts(finished):
    found = side("rq-4x4x4", "depth-stacked", finished.records)
    assert found.tokenizer_values["rate_nominal_bpp"] == 4 * 16 * 4 / 32**2  # and of no prefix
    assert found.tokenizer_values["training_images"] == 2 * 2
    assert found.prior_values["training_images"] == 2 * 8
    assert found.prior_values["parameters"] > 0
    alone = side("rq-4x4x4", None, finished.records)
    assert alone.tokenizer_values == found.tokenizer_values
    assert alone.prior_values == {}


def test_a_side_knows_how_its_parts_were_made(finished):
    found = side("rq-4x4x4", "depth-stacked", finished.records)
    assert found.tokenizer_setup.keys() == {"model", "training"}
    assert found.prior_setup.keys() == {"model", "training", "sampling"}
    other = side("vq-4x4", "raster", finished.records)
    assert found.tokenizer_setup["model"] != other.tokenizer_setup["model"]
    assert found.tokenizer_setup["training"] == other.tokenizer_setup["training"]
    assert changes("fid", found, [other]) == ("tokenizer", "prior")


def test_codes_are_the_same_where_model_and_training_are_whatever_the_name():
    alike = {"model": "m", "training": "t"}
    assert same_codes(made("a", of_tokenizer=alike), made("b", of_tokenizer=alike))
    assert not same_codes(
        made("a", of_tokenizer=alike), made("b", of_tokenizer={**alike, "model": "n"})
    )
    assert same_codes(made("a"), made("a"))
    assert not same_codes(made("a"), made("b"))


def test_a_setup_known_of_one_side_only_is_judged_by_name():
    known = made("a", "p", of_prior={"model": "m", "training": "t", "sampling": "s"})
    assert changes("fid", known, [made("a", "p")]) == ()
    assert changes("fid", known, [made("a", "q")]) == ("prior",)


def test_what_differs_from_either_end_of_a_line_is_changed():
    ends = [made(name, of_tokenizer={"model": "m", "training": end}) for name, end in ("bt", "cT")]
    ours = made("a", of_tokenizer={"model": "n", "training": "t"})
    assert changes("psnr_db", ours, ends[:1]) == ("tokenizer",)
    assert changes("psnr_db", ours, ends) == ("tokenizer", "training of the tokenizer")
