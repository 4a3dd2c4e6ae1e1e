"""Mirrors rqbench/_torchvision.py."""

import subprocess
import sys

from rqbench._torchvision import import_torchvision


def test_torchvision_and_what_rests_on_it_import_whatever_the_build_of_torch():
    torchvision = import_torchvision()
    assert torchvision is import_torchvision()
    from torchvision.transforms import functional

    assert functional.resize is not None


def test_the_harness_and_distortion_import_no_torchvision():
    code = (
        "import sys, rqbench.api, rqbench.statistics, rqbench.metrics.distortion;"
        "sys.exit('torchvision' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
