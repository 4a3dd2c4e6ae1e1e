"""Mirrors rqbench/stages/time_sampling.py."""

from statistics import median

import pytest

METRICS = ("sampling_images_per_s", "prior_ms_per_image", "decoder_ms_per_image")


@pytest.mark.parametrize("system", ["vq-4x4 + raster", "rq-4x4x4 + depth-stacked"])
def test_medians_of_the_repeats_are_recorded_with_all_of_them(finished, system):
    found = {
        record.metric: record
        for record in finished.records
        if record.system == system and record.metric in METRICS
    }
    assert len(found) == 3
    for record in found.values():
        assert len(record.raw) == record.n == 2
        assert record.ci95 is None
        assert record.settings == {"batch": 4, "device": "cpu"}
    for metric in METRICS[1:]:
        assert found[metric].value == median(found[metric].raw)
    both = [1000 / record for record in found["sampling_images_per_s"].raw]
    parts = zip(found[METRICS[1]].raw, found[METRICS[2]].raw, strict=True)
    assert [prior + decoder for prior, decoder in parts] == pytest.approx(both)
    assert found["sampling_images_per_s"].value == pytest.approx(1000 / median(both))
