"""Mirrors rqbench/stages/bit_maps.py."""

import json

import pytest
import torch

from rqbench.checkpoint import load_tensors
from rqbench.codes import Codes, spread
from rqbench.layout import CodeLayout
from rqbench.metrics.bit_map import nominal_bit_map
from rqbench.metrics.patches import patch_entropy_bits
from rqbench.models import load_prior
from rqbench.stage import Context
from rqbench.stages.bit_maps import nominal_bits, patch_px, prior_bits
from rqbench.stages.encode_codes import read_codes
from rqbench.stages.prior_rates import prior_rates
from rqbench.stages.recording import Recorder

DETAIL, ERROR = "bits_entropy_rank_correlation", "bits_error_rank_correlation"
DYNAMIC = CodeLayout(8, 8, 1, 16, (2, 1))


def dynamic(grain_map, layout=DYNAMIC):
    values = torch.randint(16, (len(grain_map), layout.height, layout.width, layout.depth))
    return Codes(spread(values, grain_map, layout), layout, grain_map)


def test_systems_have_maps_of_the_pictures_shown_and_correlations(finished, setting):
    (folder,) = finished.run.glob("stages/scores-rq-4x4x4+depth-stacked-*")
    (prior,) = finished.run.glob("stages/prior-rq-4x4x4+depth-stacked-*")
    (codes,) = finished.run.glob("stages/codes-rq-4x4x4-*")
    held, labels = read_codes(codes, "held_out", setting.layouts["rq-4x4x4"])
    maps = prior_rates(load_prior(prior, "cpu"), held, labels, 1024, 9, "cpu").bit_maps
    pictures, _ = load_tensors(folder / "pictures.safetensors")
    assert torch.allclose(pictures["bits"], maps[[0, 8]].float())
    protocols = json.loads((finished.run / "protocols.json").read_text())
    for metric in (DETAIL, ERROR):
        (record,) = (
            each for each in finished.records
            if (each.system, each.metric) == ("rq-4x4x4 + depth-stacked", metric)
        )  # fmt: skip
        assert (record.n, len(record.raw)) == (9, 9) and -1 <= record.value <= 1
        clauses = protocols[record.protocol_hash]["clauses"]
        assert (clauses["rate"], clauses["patch_px"], clauses["training_crops"]) == ("prior", 8, 16)


def test_grains_that_follow_the_detail_correlate_with_it(setting):
    held_out = setting.data.held_out()
    detail = patch_entropy_bits(held_out.images, patch_px(setting))
    codes = dynamic((detail > detail.flatten(1).median(dim=1).values[:, None, None]).long())
    restored = held_out.images.clone()
    fine = codes.grain_map[:, None].repeat_interleave(8, dim=2).repeat_interleave(8, dim=3)
    restored = torch.where(fine == 1, restored ^ 1, restored)  # off by one level where it is fine
    recorder = Recorder(setting.provenance, "dq")
    records, maps = nominal_bits(setting, recorder, codes, restored)
    with_detail, with_error = records
    assert (with_detail.metric, with_error.metric) == (DETAIL, ERROR)
    assert with_detail.value > 0.8
    assert with_error.raw == pytest.approx([1.0] * 9)
    assert recorder.protocols[with_error.protocol_hash].clauses["rate"] == "nominal"
    assert torch.equal(maps["bits"], nominal_bit_map(codes)[[0, 8]].float())


def test_images_of_one_grain_are_left_out_and_counted(setting):
    grain_map = torch.zeros(9, 4, 4, dtype=torch.int64)
    grain_map[2:, 0] = 1
    recorder, images = Recorder(setting.provenance, "dq"), setting.data.held_out().images
    records, _ = nominal_bits(setting, recorder, dynamic(grain_map), images ^ 1)
    record = records[0]
    assert (record.metric, record.n) == (DETAIL, 7)
    assert record.clusters == list(setting.data.held_out().clusters[2:])
    assert record.images == list(range(2, 9))
    assert record.ci_method.endswith("; left out 2 images that are all alike")
    # the error is the same in all places
    assert [each.metric for each in records] == [DETAIL]


def test_codes_of_fixed_length_alone_have_no_map(setting):
    codes = Codes(torch.zeros(9, 4, 4, 1, dtype=torch.int64), CodeLayout(4, 4, 1, 16))
    recorder, images = Recorder(setting.provenance, "vq-4x4"), setting.data.held_out().images
    assert nominal_bits(setting, recorder, codes, images) == ([], {})


def test_a_prior_that_tells_no_places_is_named_and_has_no_map(setting, progress, spoken, tmp_path):
    recorder, images = (
        Recorder(setting.provenance, "vq-4x4", "raster"),
        setting.data.held_out().images,
    )
    context = Context(tmp_path, {}, "cpu", progress)
    assert prior_bits(setting, recorder, None, images, context) == ([], {})
    assert "no map of bits: This prior says what its symbols cost" in spoken.file.getvalue()
