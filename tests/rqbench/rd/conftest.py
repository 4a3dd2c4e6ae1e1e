"""Records of curves with everything that a test does not care about filled in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from rqbench.evaluate import Crop, evaluate, load_subject
from rqbench.rd import Curve, Point
from rqbench.record import Record
from rqbench.resampling import mean_interval


def build(system: str, metric: str, values: float | list[float], **changes: Any) -> Record:
    """A number, or the mean of one value an image."""
    tokenizer, _, prior = system.partition(" + ")
    facts: dict[str, Any] = {
        "experiment": "e", "system": system, "tokenizer": tokenizer, "prior": prior or None,
        "data": "d", "split": "held-out", "metric": metric, "n": 1, "protocol": "p",
        "protocol_hash": "h", "seed": 0, "environment": "cpu", "higher_is_better": True,
    }  # fmt: skip
    if isinstance(values, list):
        clusters = changes.setdefault("clusters", [str(place) for place in range(len(values))])
        interval = mean_interval(values, clusters)
        facts |= {"value": interval.value, "raw": values, "n": len(values)}
    else:
        facts["value"] = values
    return Record(**(facts | changes))


@pytest.fixture
def record() -> Callable[..., Record]:
    """`record(system, metric, value or values of each image, **changes)`."""
    return build


@pytest.fixture
def curve() -> Callable[..., Curve]:
    """`curve("a", rates of each point, distortions of each point, **changes to distortions)`."""

    def make(name: str, rates: list[Any], distortions: list[Any], **changes: Any) -> Curve:
        points = [
            Point(
                {"depth": place},
                build(name, "rate_nominal_bpp", rate),
                build(name, "psnr_db", distortion, **changes),
            )
            for place, (rate, distortion) in enumerate(zip(rates, distortions, strict=True))
        ]
        return Curve(name, points)

    return make


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pictures of 256 pixels, one of which is wider."""
    folder = tmp_path_factory.mktemp("pictures")
    random = np.random.default_rng(0)
    for name, width in (("a", 256), ("b", 320)):
        coarse = random.integers(0, 255, (8, width // 32, 3)).astype(np.uint8)
        Image.fromarray(coarse).resize((width, 256)).save(folder / f"{name}.png")
    return folder


@pytest.fixture(scope="session")
def evaluated(imported: Path, pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a tiny tokenizer on the centres of the pictures. Copy it before changing anything."""
    subject = load_subject(imported / "tokenizer")
    out = tmp_path_factory.mktemp("evaluated") / "evaluation"
    evaluate(subject, pictures, out, Crop(kind="center", resolution=256))
    return out
