"""Run by test_score_benchmarks.py in a process of its own: the peak memory of one kind of score.

    python score_memory.py FOLDER frechet|kernel|neighbours

Prints JSON: megabytes above what the libraries take. FOLDER holds features0.npy and so on.
"""

import json
import resource
import sys
from pathlib import Path

import numpy as np
import torch

from rqbench.fidelity.feature_set import Arrays, FeatureSet, Part
from rqbench.fidelity.make_statistics import moments_of
from rqbench.fidelity.measured_set import MeasuredSet
from rqbench.fidelity.pictures import PictureFacts
from rqbench.metrics.libraries import library
from rqbench.metrics.set_scores import Matched, rate_frechet, rate_kernel, rate_neighbours

CHUNK = 500
SCORES = {
    "frechet": lambda *sets: rate_frechet(*sets, Matched()),
    "kernel": lambda *sets: [rate_kernel(*sets, Matched())],
    "neighbours": lambda *sets: rate_neighbours(*sets, Matched(), k=3),
}


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def mapped(folder: Path, number: int) -> MeasuredSet:
    """Features in chunks on the disk, as the pass leaves them."""
    count = len(np.load(folder / f"features{number}.npy", mmap_mode="r"))

    def part(start: int) -> Part:
        def load() -> Arrays:
            found = (
                np.load(folder / f"{kind}{number}.npy", mmap_mode="r")[start : start + CHUNK]
                for kind in ("features", "logits")
            )
            return next(found), next(found)

        return Part(CHUNK, load)

    facts = [PictureFacts(str(i), str(i), 64, 64, "PNG", "RGB", None) for i in range(count)]
    features = FeatureSet([part(start) for start in range(0, count, CHUNK)], facts)
    return MeasuredSet(str(number), moments_of(features), features)


if __name__ == "__main__":
    torch.set_num_threads(1)
    library("torch_fidelity.metric_kid")
    before = peak_mb()
    sets = [mapped(Path(sys.argv[1]), number) for number in (0, 1)]
    values = {each.score: each.value for each in SCORES[sys.argv[2]](*(one.cloud for one in sets))}
    print(json.dumps({"peak_mb": round(peak_mb() - before), **values}))
