"""`rqbench sample`, for Python users too: draw from a trained system into a folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaxtyping import Int
from rich.console import Console
from torch import Tensor

from .. import __version__
from ..codes import Codes
from ..metrics.extractor import find_extractor
from ..progress import Progress
from .blocks import draw_blocks, gather, probabilities
from .condition_file import digest_of_conditions
from .folder import SampleFolder, write_samples
from .rejection import judge_by, keep_best, num_candidates, train_classifier
from .request import Request, check_depths, wanted_conditions
from .system import TrainedSystem


@dataclass(frozen=True)
class Sampled:
    """What a request left.

    Attributes:
        found: of rejection sampling, what it did; empty otherwise.
        done: False where the folder was complete before.
    """

    folder: Path
    num: int
    found: dict[str, Any]
    done: bool


def sample(
    system: TrainedSystem,
    request: Request,
    out: Path,
    console: Console,
    device: str = "cpu",
    conditions: Int[Tensor, "m c"] | None = None,
) -> Sampled:
    """Draw, choose and write what was asked; go on where the same request was interrupted.

    Args:
        system: from `load_system`, on `device`.
        console: where progress goes.
        conditions: what to draw in turn, of a prior that is conditioned on other things than
            classes.

    Raises:
        ConfigError, UnsupportedError: what cannot be drawn, or a folder of another request.
    """
    check_depths(request.sampling, system.prior.layout.depth)
    wanted = wanted_conditions(system, request, conditions)
    if request.sampling.guidance != 1:
        system.prior.check_guidance(wanted is not None)
    folder = SampleFolder(out, _facts(system, request, conditions, device))
    if folder.is_complete():
        return Sampled(out, request.num, folder.found, done=False)
    found: dict[str, Any] = {}
    with Progress(console, 2 if request.accept is None else 3) as progress:
        if request.accept is None or wanted is None:
            progress.begin_stage("drawing")
            paths = draw_blocks(system, request, wanted, request.num, folder, device, progress)
            codes = gather(paths, system.prior.layout)
            progress.end_stage(True)
        else:
            codes, found = _draw_best(
                system, request, request.accept, wanted, folder, device, progress
            )
        progress.begin_stage("writing")
        names = write_samples(out, system, request, wanted, codes, device, progress)
        folder.close(names, found)
        progress.end_stage(True)
    return Sampled(out, request.num, found, done=True)


def _draw_best(
    system: TrainedSystem,
    request: Request,
    accept: float,
    wanted: Int[Tensor, "m c"],
    folder: SampleFolder,
    device: str,
    progress: Progress,
) -> tuple[Codes, dict[str, Any]]:
    """Rejection sampling: the codes that are kept, and what is to be known of it."""
    progress.begin_stage("classifier")
    extractor = find_extractor(device)
    classifier = train_classifier(system, extractor, request.probe_crops, folder.blocks, progress)
    progress.end_stage(True)
    progress.begin_stage("candidates")
    count = num_candidates(request.num, len(wanted), accept)
    judge = judge_by(classifier, system, request.batch)
    paths = draw_blocks(system, request, wanted, count, folder, device, progress, judge)
    found = probabilities(paths)
    kept = keep_best(found, len(wanted), request.num)
    progress.end_stage(True)
    return gather(paths, system.prior.layout, kept), {
        "candidates": count,
        "kept": request.num,
        "mean_probability": {"candidates": float(found.mean()), "kept": float(found[kept].mean())},
        "classifier": {
            "kind": "multinomial logistic regression",
            **extractor.clauses,
            "training_crops": classifier.num_crops,
            "held_out_accuracy": classifier.accuracy.value,
            "held_out_accuracy_ci95": [classifier.accuracy.low, classifier.accuracy.high],
            "held_out_images": classifier.accuracy.n,
            "largest_class_share": classifier.largest_class_share,
        },
    }


def _facts(
    system: TrainedSystem, request: Request, conditions: Tensor | None, device: str
) -> dict[str, Any]:
    """What decides the samples."""
    given = {} if conditions is None else {"condition_sha256": digest_of_conditions(conditions)}
    return {
        "system": system.name,
        "weights_sha256": dict(system.weights_sha256),
        "rqbench": __version__,
        "device": device.partition(":")[0],
        **request.model_dump(mode="json"),
        **given,
    }
