"""Mirrors rqbench/stages/score_tokenizer.py."""

import pytest
import torch

from rqbench.checkpoint import load_tensors
from rqbench.data import to_float
from rqbench.metrics.distortion import psnr_db
from rqbench.models import load_tokenizer


@pytest.fixture
def found(finished):
    def find(tokenizer, metric, **settings):
        (record,) = (
            each
            for each in finished.records
            if (each.system, each.metric, each.settings) == (tokenizer, metric, settings)
        )
        return record

    return find


def test_nominal_rates_are_those_worked_out_by_hand(found):
    assert found("vq-4x4", "rate_nominal_bpp").value == 16 * 4 / 32**2
    assert found("rq-4x4x4", "rate_nominal_bpp").value == 4 * 16 * 4 / 32**2
    assert found("rq-4x4x4", "codes_per_image").value == 64


def test_each_prefix_of_a_stack_is_a_point_of_its_curve(found):
    for depth in (1, 2, 3, 4):
        assert found("rq-4x4x4", "rate_nominal_bpp", depth=depth).value == depth * 64 / 32**2
    whole, own = (found("rq-4x4x4", "psnr_db", **point) for point in ({"depth": 4}, {}))
    assert whole.raw == own.raw


def test_each_prefix_has_scores_of_the_whole_set(found):
    own, *prefixes = (
        found("rq-4x4x4", "rfd_effnetlite0", **point, n_reference=9, features=1280)
        for point in ({}, {"depth": 4}, {"depth": 1})
    )
    assert [each.value == own.value for each in prefixes] == [True, False]
    assert prefixes[0].replicates == own.replicates


def test_distortion_is_that_of_the_held_out_crops_one_by_one(found, finished, setting):
    (folder,) = finished.run.glob("stages/tokenizer-vq-4x4-*")
    model, images = load_tokenizer(folder, "cpu"), to_float(setting.data.held_out().images)
    with torch.no_grad():
        expected = psnr_db(images, model.decode(model.encode(images)))
    record = found("vq-4x4", "psnr_db")
    assert record.raw == pytest.approx(expected.tolist())
    assert record.clusters == list(setting.data.held_out().clusters)
    assert record.n == 9


def test_every_tokenizer_has_every_kind_of_number(finished):
    for name in ("vq-4x4", "rq-4x4x4"):
        metrics = {record.metric for record in finished.records if record.system == name}
        assert metrics >= {
            "psnr_db", "ssim", "rate_nominal_bpp", "rate_empirical_bpp", "codes_per_image",
            "codebook_usage", "codebook_perplexity", "parameters", "macs", "training_s",
            "peak_memory_bytes", "training_steps", "training_images",
        }  # fmt: skip
        assert any(metric.startswith(("rfd_", "rfid")) for metric in metrics)


def test_pictures_show_originals_beside_each_reconstruction(finished, setting):
    (folder,) = finished.run.glob("stages/scores-rq-4x4x4-*")
    pictures, _ = load_tensors(folder / "pictures.safetensors")
    names = {f"reconstructions depth={depth}" for depth in (1, 2, 3, 4)}
    assert pictures.keys() == {"originals", "reconstructions", *names}
    assert all(shown.shape == (2, 3, 32, 32) for shown in pictures.values())
    assert torch.equal(pictures["originals"], setting.data.held_out().images[[0, 8]])
    assert torch.equal(pictures["reconstructions depth=4"], pictures["reconstructions"])
