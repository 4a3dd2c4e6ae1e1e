"""Mirrors rqbench/metric_names.py."""

import pytest

from rqbench.errors import ConfigError
from rqbench.metric_names import (
    METRICS,
    SAMPLED,
    TIMINGS,
    describe,
    is_of_samples,
    is_rate,
    is_timing,
    score_name,
)


def test_a_fidelity_score_is_known_whatever_its_extractor():
    assert describe("fd_effnetlite0").higher_is_better is False
    assert describe("is_effnetlite0").higher_is_better is True
    assert describe("fid").meaning == "Fréchet distance of samples"
    assert describe("rfid").meaning == "Fréchet distance of reconstructions"
    assert describe("rkid_effnetlite0").meaning == "kernel distance of reconstructions"
    scores = [describe(name).score_of for name in ("fid", "rkid_effnetlite0", "psnr_db")]
    assert scores == ["samples", "reconstructions", None]
    assert describe("rate_prior_bpp").unit == "bpp"  # not the twin of a score named "ate"


@pytest.mark.parametrize(
    ("score", "of_another"),
    [
        ("fid", "fd_net"), ("kid", "kid_net"), ("inception_score", "is_net"),
        ("precision", "precision_net"), ("coverage", "coverage_net"),
        ("fid_infinity", "fd_infinity_net"), ("fid_corrected", "fd_corrected_net"),
    ],
)  # fmt: skip
def test_only_scores_of_the_published_inception_have_the_published_names(score, of_another):
    assert score_name(score, "inception-v3-compat") == score
    assert score_name(score, "inception-v3-torchscript", "reconstructions") == f"r{score}"
    assert score_name(score, "net") == of_another
    other_weights = score_name(score, "inception-v3-compat@1a2b3c4d")
    assert other_weights == of_another.replace("net", "inception-v3-compat@1a2b3c4d")
    for name in (score, of_another, other_weights):
        assert describe(name) == describe(score)  # not that of a name which begins alike
    assert describe(f"r{of_another}").score_of == "reconstructions"


def test_sfid_is_of_the_published_inceptions_features_that_keep_their_places():
    assert score_name("fid", "inception-v3-spatial") == "sfid"
    assert score_name("fid", "inception-v3-spatial@1a2b3c4d").startswith("fd_")
    assert score_name("kid", "inception-v3-spatial") == "kid_inception-v3-spatial"
    assert describe("rsfid").meaning.endswith("keep their places of reconstructions")


def test_an_interval_to_be_shown_does_not_leave_what_the_score_can_be():
    wide = -9.0, 9.0
    assert describe("rfd_net").possible(wide) == (0.0, 9.0)
    assert describe("precision_net").possible(wide) == (0.0, 1.0)
    assert describe("inception_score").possible(wide) == (1.0, 9.0)
    for name in ("fid_corrected", "rkid", "fid_infinity", "psnr_db"):
        assert describe(name).possible(wide) == wide


def test_an_unknown_metric_is_answered_with_the_nearest():
    with pytest.raises(ConfigError, match=r"'psnr_bd'\. Did you mean 'psnr_db'"):
        describe("psnr_bd")
    with pytest.raises(ConfigError, match=r"'precison'\. Did you mean 'precision'"):
        describe("precison")


def test_only_clocks_and_memory_meters_are_timings():
    assert set(METRICS) >= TIMINGS
    assert is_timing("training_s")
    assert not is_timing("macs")


def test_rates_are_bits():
    names = [*METRICS, "fid", "rfid", "fd_effnetlite0", "rkid_effnetlite0", "rinception_score"]
    assert {name for name in names if is_rate(name)} == {
        "rate_nominal_bpp", "rate_empirical_bpp", "rate_prior_bpp", "rate_coded_bpp",
        "nll_bits_per_image",
        *(f"rate_{rate}_{part}_bpp" for rate in ("nominal", "empirical", "prior")
          for part in ("content", "side")),
    }  # fmt: skip


def test_samples_and_their_speed_are_told_from_the_rest():
    assert set(METRICS) >= SAMPLED
    judged = ("fid", "kid_effnetlite0", "precision", "sampling_images_per_s")
    assert all(is_of_samples(name) for name in judged)
    others = ("rfid", "rfd_effnetlite0", "psnr_db", "rate_prior_bpp", "training_s", "parameters")
    assert not any(is_of_samples(name) for name in others)


def test_the_unit_ends_the_name():
    ends = {"dB": "_db", "bpp": "_bpp", "ms": "_ms_per_image", "1/s": "_per_s", "B": "_bytes"}
    for name, metric in METRICS.items():
        assert name.endswith(ends.get(metric.unit, ""))


def test_every_recorded_metric_has_an_entry_that_agrees_with_it(finished):
    for record in finished.records:
        metric = describe(record.metric)
        assert (record.unit, record.higher_is_better) == (metric.unit, metric.higher_is_better)
