"""Tiny experiments, and one finished run of such a one for all tests that read it."""

import itertools
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.metadata import EntryPoint
from importlib.util import module_from_spec, spec_from_file_location
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from rich.console import Console
from torch import Tensor, nn

from rqbench import compare, plugins
from rqbench.compare import Outcome
from rqbench.condition_spec import ConditionSpec
from rqbench.experiment import Experiment
from rqbench.experiment_source import load_experiment
from rqbench.metrics.extractor import Extractor
from rqbench.metrics.feature_protocol import FeatureProtocol
from rqbench.model_preset import ModelPreset
from rqbench.models import save_model
from rqbench.plugins import KINDS, find
from rqbench.progress import Progress
from rqbench.reporting import DrawnReport
from rqbench.sample import SystemEntry, write_system

SMALL = (
    "data.held_out=9", "measure.samples=4", "measure.batch_size=9", "measure.pictures=2",
    "measure.zero_order_crops=16", "measure.coded=2",
    "training.tokenizer={steps: 2, batch_size: 2, log_every: 1, calibration_crops: 16}",
    "training.prior={steps: 2, batch_size: 8, log_every: 1, crops: 16}",
)  # fmt: skip


@pytest.fixture(scope="session")
def build_experiment() -> Callable[..., Experiment]:
    """The preset `tiny`, cut down to some systems (of which all tokenizers and priors stay) and
    changed by overrides."""

    def build(
        *systems: tuple[str, str], overrides: tuple[str, ...] = (), **changes: Any
    ) -> Experiment:
        whole = load_experiment("tiny", [*SMALL, *overrides])
        kept = tuple(each for each in whole.systems if (each.tokenizer, each.prior) in systems)
        assert len(kept) == len(systems)
        parts = {
            "tokenizers": {
                name: whole.tokenizers[name] for name in dict.fromkeys(s.tokenizer for s in kept)
            },
            "priors": {name: whole.priors[name] for name in dict.fromkeys(s.prior for s in kept)},
            "systems": kept,
            "headlines": (),
        }
        return whole.model_copy(update=parts | changes)

    return build


@pytest.fixture(scope="session")
def two_systems(build_experiment: Callable[..., Experiment]) -> Experiment:
    return build_experiment(("vq-4x4", "raster"), ("rq-4x4x4", "depth-stacked"))


@pytest.fixture(scope="session")
def finished(two_systems: Experiment, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A whole run with its report. Copy its folder before changing anything in it."""
    out = tmp_path_factory.mktemp("finished") / "run"
    return compare.compare(two_systems, out, Console(quiet=True), "cpu")


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], None]:
    """Put presets beside those that are installed."""
    numbers = itertools.count()

    def put(presets: dict[str, Any]) -> None:
        module = ModuleType(f"offered_presets_{next(numbers)}")
        real, group = plugins.entry_points, KINDS["preset"]
        entries = []
        for number, (name, preset) in enumerate(presets.items()):
            setattr(module, f"PRESET_{number}", preset)
            entries.append(EntryPoint(name, f"{module.__name__}:PRESET_{number}", group))
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setattr(
            plugins,
            "entry_points",
            lambda group: [*real(group=group), *(e for e in entries if e.group == group)],
        )

    return put


@pytest.fixture
def small_presets() -> dict[str, ModelPreset]:
    """A tokenizer of two grains and one of one, and a prior on each."""
    halves = {"channels": 8, "multipliers": [1, 1], "num_res_blocks": 1, "embedding": 8, "patch": 2}
    said: dict[str, Any] = {"resolution": 32, "counting": "all", "source": "a test"}
    coarse = {"codebook_size": 8, "conv": halves}
    fine = {**coarse, "resolution": 32, "target_ratios": [0.25]}
    prior = {"width": 16, "heads": 2}
    return {
        "small-vq": ModelPreset(
            kind="tokenizer", type="vq", config=coarse, parameters=None, **said
        ),
        "small-dq": ModelPreset(kind="tokenizer", type="dq", config=fine, parameters=None, **said),
        "small-gpt": ModelPreset(
            kind="prior", type="raster", config={**prior, "layers": 2}, tokenizer="small-vq",
            num_conditions=5, sampling={"top_k": 3}, parameters=None, **said,
        ),
        "small-pair": ModelPreset(
            kind="prior", type="coarse-to-fine", tokenizer="small-dq", parameters=None,
            config={**prior, "position_layers": 1, "content_layers": 3}, **said,
        ),
    }  # fmt: skip


@pytest.fixture
def run_copy(finished: Outcome, tmp_path: Path) -> Path:
    """The finished run's folder, to be changed freely."""
    shutil.copytree(finished.run, tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture
def without_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Carry out experiments without drawing, which takes longer than the rest of them."""
    drawn = DrawnReport(Path(), [], [], {})
    monkeypatch.setattr(compare, "draw_report", lambda runs: drawn)


@pytest.fixture
def spoken() -> Console:
    """A console that keeps what is said: `spoken.file.getvalue()`."""
    return Console(file=StringIO(), width=1000)


@pytest.fixture
def progress(spoken: Console) -> Iterator[Progress]:
    with Progress(spoken, 1) as shown:
        shown.begin_stage("a stage")
        yield shown


@pytest.fixture(scope="session")
def write_classes() -> Callable[[Path], Path]:
    """Write a folder of noise in two classes, six pictures each."""

    def write(root: Path) -> Path:
        noise = np.random.default_rng(0)
        for name in ("a", "b"):
            (root / name).mkdir(parents=True)
            for index in range(6):
                pixels = noise.integers(0, 256, (32, 32, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(root / name / f"{index}.png")
        return root

    return write


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`published.py`, with its importers in place of those that are installed."""
    spec = spec_from_file_location("published", Path(__file__).with_name("published.py"))
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    installed = plugins.entry_points
    monkeypatch.setattr(
        plugins,
        "entry_points",
        lambda group: module.entries() if group == module.GROUP else installed(group=group),
    )
    return module


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An imported system of three classes: VQ codes of 4x4 for images of 16x16."""
    torch.manual_seed(0)
    root = tmp_path_factory.mktemp("imported") / "zoo"
    tokenizer = find("tokenizer", "vq").load().tiny()
    prior = find("prior", "raster").load().tiny(tokenizer.layout(16), ConditionSpec(3))
    for name in ("tokenizer", "prior"):
        (root / name).mkdir(parents=True)
    save_model(root / "tokenizer", "tokenizer", "vq", tokenizer, resolution=16)
    save_model(root / "prior", "prior", "raster", prior, tokenizer.codebook())
    write_system(root, SystemEntry(tokenizer="tokenizer", prior="prior"))
    return root


@pytest.fixture
def full_disk() -> Callable[[], AbstractContextManager[None]]:
    """`with full_disk():` no file can become larger than 1000 bytes."""
    resource = pytest.importorskip("resource")

    @contextmanager
    def limited() -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited


@pytest.fixture
def torch_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of torch's downloads without a single one."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    checkpoints = tmp_path / "torch" / "hub" / "checkpoints"
    checkpoints.mkdir(parents=True)
    return checkpoints


class Colours(nn.Module):
    """Features: means of the channels and their standard deviations. Logits: the means, over 16."""

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        flat = pixels.double().flatten(2)
        means = flat.mean(dim=2)
        return torch.cat([means, flat.std(dim=2)], dim=1), means / 16


@pytest.fixture
def colours() -> Extractor:
    """An extractor of six features and three classes that needs no weights and resizes nothing."""
    network, protocol = Colours().eval(), FeatureProtocol(side=32)
    return Extractor(
        "colours", "ab" * 32, 6, 3, protocol, lambda picture: picture, network, torch.device("cpu")
    )


@pytest.fixture
def write_noise(tmp_path: Path) -> Callable[..., Path]:
    """Write noise, each picture of its own colour: `write_noise("real", 20, seed=1)`; the folder.
    Class after class, each of equally many."""

    def write(
        folder: str, count: int, seed: int = 0, side: int = 32, ending: str = ".png",
        classes: str = "", like: int = 128,
    ) -> Path:  # fmt: skip
        random, root = np.random.default_rng(seed), tmp_path / folder
        root.mkdir(exist_ok=True)
        for index in range(count):
            pixels = random.normal(random.normal(like, 20, 3), 30, (side, side, 3))
            where = root / (classes[index * len(classes) // count] if classes else "")
            where.mkdir(exist_ok=True)
            picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
            picture.save(where / f"{index:03d}{ending}")
        return root

    return write
