"""How much memory scores of 20,000 pictures take, with as many features as Inception has:

    pytest tests/rqbench/fidelity/test_score_benchmarks.py -o addopts=--import-mode=importlib \\
        --benchmark-only -s
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

COUNT, WIDTHS = 20_000, {"features": 2048, "logits": 1008}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sets, of features that a ReLU leaves."""
    root = tmp_path_factory.mktemp("features")
    for number in (0, 1):
        random = np.random.default_rng(number)
        for kind, width in WIDTHS.items():
            shape = COUNT, width
            kept = np.lib.format.open_memmap(root / f"{kind}{number}.npy", "w+", np.float32, shape)
            for start in range(0, COUNT, 1000):
                drawn = random.standard_normal((1000, width), dtype=np.float32)
                kept[start : start + 1000] = np.maximum(drawn + 0.1 * number, 0)
    return root


@pytest.mark.parametrize("scores", ["frechet", "kernel", "neighbours"])
def test_peak_memory(benchmark: BenchmarkFixture, folder: Path, scores: str) -> None:
    script = Path(__file__).with_name("score_memory.py")

    def run() -> None:
        ended = subprocess.run(
            [sys.executable, script, folder, scores], stdout=subprocess.PIPE, text=True, check=True
        )
        benchmark.extra_info.update(json.loads(ended.stdout))

    benchmark.pedantic(run, rounds=1)
    print(scores, benchmark.extra_info)
    assert benchmark.extra_info["peak_mb"] < 1500
