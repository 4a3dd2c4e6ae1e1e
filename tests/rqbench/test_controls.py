"""Mirrors rqbench/controls.py."""

import pytest

from rqbench.controls import control, within
from rqbench.sides import Side

COSTS = {
    "rate_nominal_bpp": 0.5, "codes_per_image": 64.0, "parameters": 1e6, "macs": 1e8,
    "training_steps": 200.0, "training_images": 3200.0,
}  # fmt: skip


def tokenizer(name, **changes):
    return Side(name, None, COSTS | changes, {})


def system(name, prior, of_tokenizer=(), **changes):
    return Side(name, prior, COSTS | dict(of_tokenizer), COSTS | changes)


def made(name, prior, of_tokenizer, of_prior, **changes):
    """A system whose setup is known: digests of model and training, and of sampling."""
    digests = zip(("model", "training", "sampling"), of_prior, strict=False)
    tokenizer = dict(zip(("model", "training"), of_tokenizer, strict=True))
    return Side(name, prior, COSTS, COSTS | changes, tokenizer, dict(digests))


@pytest.mark.parametrize(
    ("ours", "theirs", "equal"),
    [(100, 102, True), (102, 100, True), (100, 102.1, False), (0.0, 0.0, True), (0.0, 1.0, False)],
)
def test_equal_is_within_two_percent_whichever_is_larger(ours, theirs, equal):
    assert within(ours, theirs) == equal


def test_a_fair_pair_has_no_fault_and_says_its_ratios():
    ours, theirs = tokenizer("a", parameters=6.3e5, macs=0.99e8), tokenizer("b")
    found = control("psnr_db", ours, [theirs], ("nominal_bits", "macs"))
    assert [str(balance) for balance in found.held] == ["nominal bits 1.00", "multiply-adds 0.99"]
    assert [str(balance) for balance in found.unequal] == ["parameters 0.63"]
    assert found.changed == ("tokenizer",)
    assert found.faults == ()


@pytest.mark.parametrize(
    ("quantity", "metric", "said"),
    [
        ("nominal_bits", "rate_nominal_bpp", "nominal bits 0.53 against 0.5"),
        ("mean_codes", "codes_per_image", "mean codes 67.84 against 64"),
        ("training_steps", "training_steps", "training steps 212 against 200"),
        ("training_images", "training_images", "training images 3,392 against 3,200"),
    ],
)
def test_what_is_said_to_be_equal_and_is_not_is_a_fault(quantity, metric, said):
    ours = tokenizer("a", **{metric: 1.06 * COSTS[metric]})
    assert control("psnr_db", ours, [tokenizer("b")], (quantity,)).faults[0] == said


def test_what_is_said_to_be_equal_and_was_not_measured_is_a_fault():
    bare = Side("a", None, {k: v for k, v in COSTS.items() if k != "macs"}, {})
    found = control("psnr_db", bare, [tokenizer("b")], ("macs",))
    assert found.faults == ("multiply-adds not known",)


def test_other_codes_are_not_the_same_codes():
    found = control("fid", system("a", "p"), [system("b", "p")], ("codes",))
    assert found.faults == ("not the same codes",)
    same = control("fid", system("a", "p"), [system("a", "q")], ("codes",))
    assert same.faults == ()
    assert [str(balance) for balance in same.held] == ["codes"]


@pytest.mark.parametrize("metric", ["fid", "kid_effnetlite0", "sampling_images_per_s"])
def test_two_parts_changed_at_once_are_a_fault(metric):
    found = control(metric, system("a", "p"), [system("b", "q")])
    assert found.faults == ("tokenizer and prior both differ",)


def test_more_training_is_a_fault_of_either_stage():
    more = {"training_images": 6400.0}
    said = "training images 6,400 against 3,200"
    faults = control("fid", system("a", "p", **more), [system("a", "q")]).faults
    assert faults == ("prior and training of the prior both differ", said)
    both = "tokenizer and training of the tokenizer both differ"
    longer = system("a", "p", of_tokenizer=more.items())
    assert control("fid", longer, [system("b", "p")]).faults == (both, said)
    assert control("psnr_db", tokenizer("a", **more), [tokenizer("b")]).faults == (both, said)


def test_training_that_was_not_counted_is_not_known_to_be_equal():
    old = Side("a", None, {k: v for k, v in COSTS.items() if k != "training_images"}, {})
    found = control("psnr_db", old, [tokenizer("b")])
    assert found.faults == ("training images not known",)
    assert found.changed == ("tokenizer",)


def test_other_training_of_as_many_images_is_a_second_change():
    ours, theirs = made("a", "p", "mt", "nts"), made("b", "p", "MT", "nts")
    for metric in ("psnr_db", "fid"):
        (said,) = control(metric, ours, [theirs], ("training_images",)).faults
        assert said == "tokenizer and training of the tokenizer both differ"
    (said,) = control("fid", made("a", "p", "mt", "NTs"), [theirs]).faults
    assert said == (
        "tokenizer, training of the tokenizer, prior and training of the prior all differ"
    )


@pytest.mark.parametrize("metric", ["fid", "psnr_db"])
def test_training_as_the_one_thing_that_differs_is_fair(metric):
    found = control(metric, made("a", "p", "mt", "nts"), [made("b", "p", "mT", "nts")])
    assert (found.changed, found.faults) == (("training of the tokenizer",), ())
    longer = made("a", "q", "mt", "nTs", training_images=6400.0)
    found = control("fid", longer, [made("a", "p", "mt", "nts")])
    assert (found.changed, found.faults) == (("training of the prior",), ())
    assert [str(balance) for balance in found.unequal] == ["training images 2.00"]


def test_otherwise_trained_tokenizers_have_other_codes():
    ours, theirs = made("a", "p", "mt", "nts"), made("b", "p", "mT", "nts")
    (said,) = control("rate_prior_bpp", ours, [theirs]).faults
    assert said.startswith("rates of different codes")
    twin = made("b", "p", "mt", "nTs")
    assert control("rate_prior_bpp", ours, [twin], ("codes",)).faults == ()


@pytest.mark.parametrize("metric", ["fid", "sampling_images_per_s", "training_copies_share"])
def test_other_sampling_is_a_change_where_samples_are_measured(metric):
    ours, theirs = made("a", "p", "mt", "nts"), made("a", "q", "mt", "NtS")
    found = control(metric, ours, [theirs])
    assert found.changed == ("prior", "sampling")
    assert found.faults == ("prior and sampling both differ",)
    assert control("rate_prior_bpp", ours, [theirs]).changed == ("prior",)
    alone = control(metric, ours, [made("a", "q", "mt", "ntS")])
    assert (alone.changed, alone.faults) == (("sampling",), ())


@pytest.mark.parametrize("metric", ["rate_prior_bpp", "fid", "sampling_images_per_s"])
def test_priors_of_other_size_on_the_same_codes_are_a_fault(metric):
    larger = system("a", "p", parameters=2e6)
    said = ("parameters 2e+06 against 1e+06",)
    for equal in ((), ("parameters",)):
        assert control(metric, larger, [system("a", "q")], equal).faults == said
    assert control(metric, system("a", "p", parameters=1.01e6), [system("a", "q")]).faults == ()


def test_one_tokenizer_under_two_priors_has_one_training():
    more = {"training_images": 6400.0}.items()
    ours, theirs = system("a", "p", of_tokenizer=more), system("a", "q")
    assert control("fid", ours, [theirs]).faults == ()


def test_unequal_rates_are_a_fault_for_pictures_and_for_samples():
    ours, theirs = tokenizer("a", rate_nominal_bpp=0.25), tokenizer("b")
    for metric in ("psnr_db", "st_lpips", "rfd_effnetlite0"):
        (said,) = control(metric, ours, [theirs]).faults
        assert said == "unequal rates: nominal bits 0.25 against 0.5"
    few = system("a", "p", of_tokenizer={"rate_nominal_bpp": 0.25}.items())
    for metric in ("fid", "sampling_images_per_s"):
        assert control(metric, few, [system("b", "p")]).faults == (said,)
    assert control("fid", few, [system("b", "p")], equal=["mean_codes"]).faults != (said,)


def test_rates_of_different_codes_are_a_fault():
    ours, theirs = system("a", "p"), system("b", "p")
    for metric in ("rate_prior_bpp", "nll_bits_per_image"):
        (said,) = control(metric, ours, [theirs]).faults
        assert said.startswith("rates of different codes")
    assert control("rate_prior_bpp", system("a", "p"), [system("a", "q")]).faults == ()


def test_tokenizers_of_other_size_and_other_work_are_a_fault():
    other = {"parameters": 2e6, "macs": 2e8}
    (said,) = control("psnr_db", tokenizer("a", **other), [tokenizer("b")]).faults
    assert said == "neither is equal: parameters 2.00, multiply-adds 2.00"
    for metric in other:
        one = tokenizer("a", **{metric: other[metric]})
        assert control("psnr_db", one, [tokenizer("b")]).faults == ()


def test_on_a_line_rates_and_codes_are_read_between_the_ends():
    low = tokenizer("low", rate_nominal_bpp=0.2, codes_per_image=64.0)
    high = tokenizer("high", rate_nominal_bpp=0.6, codes_per_image=256.0)
    ours = tokenizer("a", rate_nominal_bpp=0.3, codes_per_image=96.0)
    found = control("psnr_db", ours, [low, high], ("nominal_bits",), at="rate_nominal_bpp")
    assert found.faults == ()
    assert found.held[0].theirs == pytest.approx(0.3)
    (codes,) = found.unequal
    assert codes.theirs == pytest.approx(112.0)  # a quarter of the way from 64 to 256


def test_on_a_line_costs_count_against_the_end_that_is_farther_off():
    low, high = tokenizer("low", macs=1.01e8), tokenizer("high", macs=1.5e8)
    found = control("psnr_db", tokenizer("a"), [low, high], ("macs",), at="codes_per_image")
    assert found.faults == ("multiply-adds 1e+08 against 1.5e+08",)


def test_a_prior_has_its_own_parameters_and_a_tokenizer_its_own():
    ours = system("a", "p", of_tokenizer={"parameters": 5e6}.items(), parameters=2e6)
    (balance,) = control("fid", ours, [system("a", "q")], ("parameters",)).held
    assert balance.ratio == 2.0
    (balance,) = control("fid", ours, [system("b", "p")], ("parameters",)).held
    assert balance.ratio == 5.0
