"""A synthetic run that looks like a real one: four tokenizers, four systems, invented numbers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rqbench.api import Record, Report, RunData, mean_interval
from rqbench_reports.codebook_usage import CodebookUsage
from rqbench_reports.comparison_table import ComparisonTable
from rqbench_reports.headlines import Headlines
from rqbench_reports.picture_sheets import PictureSheets
from rqbench_reports.quality_speed import QualitySpeed
from rqbench_reports.rate_distortion import RateDistortion
from rqbench_reports.training_curves import TrainingCurves

REPORTS: tuple[type[Report], ...] = (
    Headlines, ComparisonTable, RateDistortion, QualitySpeed, TrainingCurves, CodebookUsage,
    PictureSheets,
)  # fmt: skip

NUM_IMAGES = 64
PHOTOS = ("astronaut", "chelsea", "coffee", "rocket", "retina", "hubble", "china", "flower")
CLUSTERS = [PHOTOS[index % len(PHOTOS)] for index in range(NUM_IMAGES)]
TOKENIZERS = {  # bits per pixel, PSNR, ST-LPIPS, rFD, codes
    "vq-8x8": (0.156, 19.4, 0.41, 31.0, 64.0),
    "vq-16x16": (0.625, 23.1, 0.24, 12.4, 256.0),
    "rq-8x8x4": (0.625, 22.3, 0.27, 14.9, 256.0),
    "dq": (0.312, 21.4, 0.31, 19.2, 124.0),
}
SYSTEMS = {  # prior bits per pixel, sample FD, images/s
    "vq-8x8 + raster": (0.121, 88.0, 60.0),
    "rq-8x8x4 + raster": (0.52, 75.0, 11.0),
    "rq-8x8x4 + depth-stacked": (0.50, 71.0, 34.0),
    "dq + coarse-to-fine": (0.255, 79.0, 20.0),
}
OUR_PROTOCOL = {"protocol": "photos-64", "protocol_hash": "3f9a1c07be21"}


def build_record(system: str, metric: str, value: float, **changes: Any) -> Record:
    """A record with everything that a test does not care about filled in."""
    tokenizer, _, prior = system.partition(" + ")
    raw = changes.get("raw")
    facts: dict[str, Any] = {
        "experiment": "example",
        "system": system,
        "tokenizer": tokenizer,
        "prior": prior or None,
        "data": "photos",
        "split": "in-scene",
        "metric": metric,
        "value": value,
        "n": len(raw) if raw else NUM_IMAGES,
        "seed": 0,
        "environment": "cpu0",
        **OUR_PROTOCOL,
    }
    return Record(**(facts | changes))


def per_image(system: str, metric: str, mean: float, spread: float, **changes: Any) -> Record:
    """A mean of per-image values: photographs differ widely, systems on one photograph little."""
    random = np.random.default_rng(7)  # the same images for all systems
    photo = dict(zip(PHOTOS, random.normal(0, spread, len(PHOTOS)), strict=True))
    noise = np.random.default_rng(len(system) + round(1000 * mean)).normal(
        0, spread / 8, NUM_IMAGES
    )
    values = np.array([photo[name] for name in CLUSTERS]) + noise
    raw = (values - values.mean() + mean).tolist()
    interval = mean_interval(raw, CLUSTERS)
    facts = {"ci95": (interval.low, interval.high), "ci_method": interval.method, "raw": raw}
    return build_record(system, metric, mean, **({**facts, "clusters": CLUSTERS} | changes))


def of_set(system: str, metric: str, value: float, half: float, better: bool = False) -> Record:
    return build_record(
        system, metric, value, ci95=(value - half, value + half), higher_is_better=better,
        ci_method="jackknife over 8 groups, Student t",
    )  # fmt: skip


def repeats(system: str, metric: str, median: float, better: bool, **settings: Any) -> Record:
    raw = [median * factor for factor in (0.98, 1.0, 1.01, 0.99, 1.02)]
    return build_record(system, metric, median, raw=raw, higher_is_better=better, settings=settings)


def tokenizer_records(name: str) -> list[Record]:
    bpp, psnr, lpips, rfd, codes = TOKENIZERS[name]
    points: list[tuple[dict[str, Any], float]] = [({}, 1.0)]
    if name.startswith("rq"):
        points += [({"depth": depth}, depth / 4) for depth in (1, 2, 3, 4)]
    if name.startswith("dq"):
        points += [({"threshold": 1.3, "fine_ratio_target": 0.1}, 0.7)]
        points += [({"threshold": 0.6, "fine_ratio_target": 0.6}, 1.5)]
    found = []
    for settings, share in points:
        point = {"settings": settings}
        gain = 2.0 * np.log2(share)
        found += [
            per_image(name, "psnr_db", psnr + gain, 2.0, higher_is_better=True, **point),
            per_image(name, "ssim", psnr / 30 + gain / 40, 0.06, higher_is_better=True, **point),
            per_image(name, "st_lpips", lpips - gain / 30, 0.05, higher_is_better=False, **point),
            build_record(name, "rate_nominal_bpp", bpp * share, **point),
            per_image(name, "rate_empirical_bpp", bpp * share * 0.86, 0.01, **point),
            build_record(name, "codes_per_image", codes * share, **point),
        ]  # fmt: skip
    parts: list[dict[str, Any]] = [{}]
    parts += [{"depth": depth} for depth in (1, 2, 3, 4) if name.startswith("rq")]
    parts += [{"grain": grain} for grain in (0, 1) if name.startswith("dq")]
    for place, settings in enumerate(parts):
        point = {"settings": settings}
        found.append(build_record(name, "codebook_usage", 0.95 - 0.1 * place, **point))
        found.append(build_record(name, "codebook_perplexity", 402.0 - 60 * place, **point))
    if name == "dq":
        found.append(build_record(name, "fine_ratio", 0.31))
    return [
        *found,
        of_set(name, "rfd_effnetlite0", rfd, 2.1),
        of_set(name, "rkid_effnetlite0", rfd / 900, 0.003),
        build_record(name, "parameters", 2.31e6),
        build_record(name, "macs", 0.61e9),
        build_record(name, "training_images", 9600),
        build_record(name, "training_s", 214.0),
        build_record(name, "peak_memory_bytes", 913 * 2.0**20),
        repeats(name, "decoder_ms_per_image", 6.2, False),
    ]


def system_records(name: str) -> list[Record]:
    bpp, fd, speed = SYSTEMS[name]
    return [
        per_image(name, "rate_prior_bpp", bpp, 0.03, unit="bpp", higher_is_better=False),
        of_set(name, "fd_effnetlite0", fd, 4.0),
        of_set(name, "kid_effnetlite0", fd / 1500, 0.004),
        of_set(name, "is_effnetlite0", 3.2, 0.3, better=True),
        of_set(name, "precision_effnetlite0", 0.8 - fd / 500, 0.04, better=True),
        of_set(name, "recall_effnetlite0", 0.3, 0.05, better=True),
        of_set(name, "coverage_effnetlite0", 0.7, 0.05, better=True),
        repeats(name, "sampling_images_per_s", speed, True, batch=64, device="cpu"),
        repeats(name, "prior_ms_per_image", 900 / speed, False, batch=64, device="cpu"),
        build_record(name, "parameters", 1.9e6),
        build_record(name, "training_images", 3200),
        build_record(name, "training_s", 160.0),
    ]


def pictures(name: str) -> dict[str, np.ndarray]:
    """Eight painted scenes, coarser for tokenizers with fewer codes."""
    random = np.random.default_rng(3)
    rows, columns = np.mgrid[0:64, 0:64]
    scenes = []
    for _ in range(8):
        sky, ground, sun = random.integers(30, 230, (3, 3))
        y, x, horizon = random.integers(8, 40, 3)
        scene = np.where((rows < horizon + 6 * np.sin(columns / 7))[..., None], sky, ground)
        disc = (rows - y) ** 2 + (columns - x) ** 2 < 60
        texture = ((rows // 2 + columns // 2) % 2 * 60 * (rows > 44))[..., None]
        scenes.append(np.clip(np.where(disc[..., None], sun, scene) + texture, 0, 255))
    originals = np.stack(scenes).astype(np.uint8)

    def blurred(cell: int) -> np.ndarray:
        return originals[:, ::cell, ::cell].repeat(cell, axis=1).repeat(cell, axis=2)

    found = {"originals": originals, "reconstructions": blurred(4 if name != "vq-8x8" else 8)}
    if name.startswith("rq"):
        for depth, cell in ((1, 16), (2, 8), (3, 8), (4, 4)):
            found[f"reconstructions depth={depth}"] = blurred(cell)
    if name == "dq":
        grains = np.zeros((8, 8, 8), dtype=np.uint8)
        grains[:, 5:] = 1
        grains[:, 1:3, 2:4] = 1
        found["grain_map"] = grains
    return found


def training() -> dict[str, list[dict[str, float]]]:
    logs: dict[str, list[dict[str, float]]] = {}
    for place, name in enumerate(TOKENIZERS):
        logs[f"tokenizer/{name}"] = [
            {
                "step": step,
                "loss": 0.2 * np.exp(-step / 150) + 0.01 + 0.004 * place,
                "pixel": 0.15 * np.exp(-step / 150) + 0.006 + 0.003 * place,
                "learning_rate": 1e-3,
                "commitment": 0.01 + 0.001 * place,
                "codebook_usage": min(1.0, 0.3 + step / 500 - 0.05 * place),
            }
            for step in range(0, 600, 20)
        ]
    for place, name in enumerate(SYSTEMS):
        logs[f"prior/{name.replace(' ', '')}"] = [
            {"step": step, "loss": 4 + 2 * np.exp(-step / 90) - 0.2 * place}
            for step in range(0, 400, 20)
        ]
    return logs


HEADLINES = (
    {
        "title": "At equal bits, does stacking codes beat a finer grid?",
        "metric": "psnr_db", "system": "rq-8x8x4", "against": "vq-16x16", "at": None,
        "equal": ["nominal_bits", "macs", "training_images"], "note": "codebook size",
    },
    {
        "title": "Does DQ beat fixed grids of the same mean rate?",
        "metric": "psnr_db", "system": "dq", "against": ("vq-8x8", "vq-16x16"),
        "at": "rate_nominal_bpp", "equal": ["nominal_bits", "macs"], "note": "the grain map counts",
    },
    {
        "title": "Is a depth-stacked prior faster on the same codes?",
        "metric": "sampling_images_per_s", "system": "rq-8x8x4 + depth-stacked",
        "against": "rq-8x8x4 + raster", "at": None, "equal": ["codes", "parameters"],
    },
    {
        "title": "Does it lose sample quality?",
        "metric": "fd_effnetlite0", "system": "rq-8x8x4 + depth-stacked",
        "against": "rq-8x8x4 + raster", "at": None, "equal": ["codes", "training_images"],
    },
    {
        "title": "Something nobody measured?",
        "metric": "rate_coded_bpp", "system": "dq", "against": "vq-8x8", "at": None,
    },
)  # fmt: skip


@pytest.fixture(scope="session")
def example_run() -> RunData:
    records = [record for name in TOKENIZERS for record in tokenizer_records(name)]
    records += [record for name in SYSTEMS for record in system_records(name)]
    shown: dict[str, dict[str, np.ndarray]] = {name: pictures(name) for name in TOKENIZERS}
    for name in SYSTEMS:
        shown[name] = {"samples": pictures(name.split(" ")[0])["reconstructions"][::-1]}
    return RunData(
        records=records,
        systems=list(SYSTEMS),
        training=training(),
        pictures=shown,
        headlines=HEADLINES,
        environments={"cpu0": {"device_name": "Example CPU"}},
    )


@pytest.fixture
def record() -> Callable[..., Record]:
    """`record(system, metric, value, **changes)`, the rest filled in."""
    return build_record


@pytest.fixture(scope="session")
def drawn(example_run: RunData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which every report of this room drew the example run."""
    folder = tmp_path_factory.mktemp("report")
    for report in REPORTS:
        report().draw(example_run, folder)
    return folder
