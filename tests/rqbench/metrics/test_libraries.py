"""Mirrors rqbench/metrics/libraries.py."""

import pytest

from rqbench.metrics.libraries import library


@pytest.mark.parametrize(
    "module", ["torch_fidelity.metric_fid", "torch_fidelity.metric_isc", "cleanfid.resize", "lpips"]
)
def test_every_measuring_library_imports_whatever_the_build_of_torch(module):
    assert library(module).__name__ == module
