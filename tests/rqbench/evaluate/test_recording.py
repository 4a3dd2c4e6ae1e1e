"""Mirrors rqbench/evaluate/recording.py."""

import pytest
import torch

from rqbench.evaluate.recording import Protocols, record_all
from rqbench.metrics.perceptual import find_perceptual
from rqbench.stages.recording import Provenance, Recorder

PROTOCOLS = Protocols({"images": 2, "crop": "whole pictures"}, find_perceptual(), "by folder", 8)
ABOUT = Provenance("evaluate", "folder:x", "all", 3, "env")


@pytest.fixture
def recorded():
    values = [
        {"rate_nominal_bpp": 0.5, "psnr_db": 20.0, "rate_prior_bpp": 0.4, "rate_coded_bpp": 0.5},
        {"rate_nominal_bpp": 0.5, "psnr_db": 30.0, "rate_prior_bpp": 0.2, "ssim": 0.9},
    ]
    values[1]["bits_error_rank_correlation"] = 0.3
    counts = torch.tensor([[[3, 1, 0, 0], [2, 2, 0, 0]]])
    recorder = Recorder(ABOUT, "vq")
    system = Recorder(ABOUT, "vq", "raster", recorder.protocols)
    records = record_all(recorder, system, ["a", "b"], values, counts, PROTOCOLS)
    return {(each.metric, *each.settings.items()): each for each in records}, recorder.protocols


def test_means_keep_the_value_of_each_image_and_its_name(recorded):
    psnr = recorded[0][("psnr_db",)]
    assert (psnr.value, psnr.raw, psnr.clusters, psnr.n) == (25.0, [20.0, 30.0], ["a", "b"], 2)
    assert psnr.ci95 is not None and psnr.ci95[0] < 25 < psnr.ci95[1]
    assert (psnr.experiment, psnr.data, psnr.split, psnr.seed) == ("evaluate", "folder:x", "all", 3)


def test_a_measure_that_only_some_images_allow_counts_those(recorded):
    ssim = recorded[0][("ssim",)]
    assert (ssim.value, ssim.clusters, ssim.n, ssim.images) == (0.9, ["b"], 1, [1])
    assert recorded[0][("psnr_db",)].images is None


def test_what_the_prior_says_belongs_to_the_system_and_the_rest_to_the_tokenizer(recorded):
    records, _ = recorded
    assert records[("rate_prior_bpp",)].system == "vq + raster"
    assert records[("rate_coded_bpp",)].system == "vq + raster"
    assert records[("bits_error_rank_correlation",)].system == "vq + raster"
    assert records[("psnr_db",)].system == records[("rate_nominal_bpp",)].system == "vq"


def test_use_of_the_codebook_is_told_for_all_codes_and_for_each_depth_from_one(recorded):
    records, _ = recorded
    assert records[("codebook_usage",)].value == 0.5
    assert records[("codebook_perplexity", ("depth", 2))].value == pytest.approx(2.0)
    assert ("codebook_usage", ("depth", 0)) not in records


def test_every_number_has_its_protocol_in_full(recorded):
    records, protocols = recorded
    assert {each.protocol_hash for each in records.values()} == protocols.keys()
    clauses = {each.id: each.clauses for each in protocols.values()}
    assert clauses["image-crops-prior-bits"]["classes"] == "by folder"
    assert clauses["image-crops-patches"].items() >= {"patch_px": 8, "rate": "prior"}.items()
    assert clauses["image-crops-streams"]["bytes"] == "streams without headers, read back"
    assert "pixels" in clauses["image-crops"] and "pixels" not in clauses["image-crops-bits"]
    assert all(found["crop"] == "whole pictures" for found in clauses.values())
    perceptual = PROTOCOLS.of(PROTOCOLS.perceptual.metric)
    assert perceptual.clauses["weights_sha256"] == PROTOCOLS.perceptual.weights_sha256
