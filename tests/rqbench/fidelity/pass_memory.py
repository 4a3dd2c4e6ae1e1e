"""Peak memory of a pass over a folder and of holding two such sets, as one process of its own:

    python pass_memory.py FOLDER CACHE

It prints the megabytes above those of the extractor alone. The extractor is cheap, and its features
and logits are as many as Inception's.
"""

import json
import resource
import sys
from pathlib import Path

import torch
from rich.console import Console
from torch import Tensor, nn

from rqbench.fidelity.feature_pass import feature_pass
from rqbench.fidelity.open_pictures import open_pictures
from rqbench.fidelity.stats import default_workers
from rqbench.metrics.extractor import Extractor
from rqbench.metrics.feature_protocol import FeatureProtocol
from rqbench.progress import Progress

DIM, CLASSES = 2048, 1008


class Cheap(nn.Module):
    """Pixels of an 8 by 8 picture, mixed at random."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.mix = nn.Linear(3 * 8 * 8, DIM + CLASSES)

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        small = nn.functional.adaptive_avg_pool2d(pixels.float() / 255, 8)
        mixed = self.mix(small.flatten(1))
        return mixed[:, :DIM], mixed[:, DIM:]


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux counts in KiB


def main(root: Path, cache: Path) -> None:
    extractor = Extractor(
        "cheap", "ab" * 32, DIM, CLASSES, FeatureProtocol(), lambda picture: picture,
        Cheap().eval(), torch.device("cpu"),
    )  # fmt: skip
    extractor.extract(torch.zeros(32, 3, 64, 64, dtype=torch.uint8))
    before, told = peak_mb(), {}
    with Progress(Console(stderr=True), 1) as progress:
        progress.begin_stage("features")
        sets = [
            feature_pass(open_pictures(root), extractor, cache, default_workers(), 32, progress)
            for _ in range(2)
        ]
    told["pass_mb"] = peak_mb() - before
    held = [(each.features(), each.logits()) for each in sets]
    assert all(float(array.sum()) for pair in held for array in pair)  # every page is touched
    told["held_mb"] = peak_mb() - before
    print(json.dumps(told | {"extractor_mb": before, "images": sets[0].n}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
