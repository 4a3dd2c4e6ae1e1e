"""`rqbench sample`, for Python users too: draw from a trained system into a folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jaxtyping import Int
from rich.console import Console
from torch import Tensor

from .. import __version__
from ..metrics.extractor import find_extractor
from ..progress import Progress
from .blocks import (
    draw_blocks,
    gather,
    missing_by_share,
    num_of_share,
    num_on_disk,
    probabilities,
)
from .condition_file import digest_of_conditions
from .folder import SampleFolder, write_samples
from .rejection import Classifier, judge_by, keep_best, num_candidates, train_classifier
from .request import Request, check_depths, wanted_conditions
from .share import EVERYTHING, Share
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


@dataclass(frozen=True)
class Shared:
    """What there is after a process has drawn its share.

    Attributes:
        what: "samples", or "candidates" of rejection sampling; the numbers count these.
        own: that the share has, and `drawn` of these that it drew now.
        on_disk: whose codes are drawn by whichever share, of `of` that are asked for.
        missing: that are not drawn yet, by share.
        done: False where the folder was complete before; then nothing was drawn.
    """

    folder: Path
    what: str
    own: int
    drawn: int
    on_disk: int
    of: int
    missing: dict[Share, int]
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
    wanted, folder = _checked(system, request, out, device, conditions)
    if folder.is_complete():
        return Sampled(out, request.num, folder.found, done=False)
    with Progress(console, 2 if request.accept is None else 3) as progress:
        paths, classifier = _draw(system, request, wanted, folder, device, progress)
        kept: Tensor | None = None
        found: dict[str, Any] = {}
        if classifier is not None and wanted is not None:
            kept, found = _choose(paths, len(wanted), request.num, classifier)
        codes = gather(paths, system.prior.layout, kept)
        progress.begin_stage("writing")
        names = write_samples(folder, system, request, wanted, codes, device, progress)
        folder.close(names, found)
        progress.end_stage(True)
    return Sampled(out, request.num, found, done=True)


def draw_share(
    system: TrainedSystem,
    request: Request,
    share: Share,
    out: Path,
    console: Console,
    device: str = "cpu",
    conditions: Int[Tensor, "m c"] | None = None,
) -> Shared:
    """Draw a share of what `sample` draws into the same folder, and leave it there for `sample`.

    Several processes may draw theirs at once.

    Raises:
        ConfigError, UnsupportedError: as `sample`; or a folder with shares in other batches.
    """
    wanted, folder = _checked(system, request, out, device, conditions)
    count, batch = _count(request, wanted), request.batch
    what = "samples" if request.accept is None else "candidates"
    own = num_of_share(folder, count, batch, share)
    if folder.is_complete():
        return Shared(out, what, own, 0, count, count, {}, done=False)
    folder.check_batch()
    left = missing_by_share(folder, count, batch, share.of).get(share, 0)
    with Progress(console, 1 if request.accept is None else 2) as progress:
        progress.say(f"share {share}: {own} of {count} {what}, {left} of them not drawn yet")
        _draw(system, request, wanted, folder, device, progress, share)
    missing = missing_by_share(folder, count, batch, share.of)
    on_disk = num_on_disk(folder, count, batch)
    return Shared(out, what, own, left, on_disk, count, missing, done=True)


def _checked(
    system: TrainedSystem,
    request: Request,
    out: Path,
    device: str,
    conditions: Int[Tensor, "m c"] | None,
) -> tuple[Int[Tensor, "m c"] | None, SampleFolder]:
    """The conditions to draw in turn and the folder, after all that can be refused before work."""
    check_depths(request.sampling, system.prior.layout.depth)
    wanted = wanted_conditions(system, request, conditions)
    if request.sampling.guidance != 1:
        system.prior.check_guidance(wanted is not None)
    return wanted, SampleFolder(out, _facts(system, request, conditions, device))


def _count(request: Request, wanted: Int[Tensor, "m c"] | None) -> int:
    """Images to draw: of rejection sampling, candidates."""
    if request.accept is None or wanted is None:
        return request.num
    return num_candidates(request.num, len(wanted), request.accept)


def _draw(
    system: TrainedSystem,
    request: Request,
    wanted: Int[Tensor, "m c"] | None,
    folder: SampleFolder,
    device: str,
    progress: Progress,
    share: Share = EVERYTHING,
) -> tuple[list[Path], Classifier | None]:
    """The blocks, and who judged what they hold, where candidates are chosen from."""
    classifier, judge = None, None
    if request.accept is not None:
        progress.begin_stage("classifier")
        extractor = find_extractor(device)
        classifier = train_classifier(
            system, extractor, request.probe_crops, folder.blocks, progress
        )
        judge = judge_by(classifier, system, request.batch)
        progress.end_stage(True)
    progress.begin_stage("drawing" if request.accept is None else "candidates")
    count = _count(request, wanted)
    paths = draw_blocks(system, request, wanted, count, folder, device, progress, judge, share)
    progress.end_stage(True)
    return paths, classifier


def _choose(
    paths: list[Path], num_classes: int, num: int, classifier: Classifier
) -> tuple[Int[Tensor, " num"], dict[str, Any]]:
    """Rejection sampling: the candidates that are kept, and what is to be known of it."""
    found = probabilities(paths)
    kept = keep_best(found, num_classes, num)
    return kept, {
        "candidates": len(found),
        "kept": num,
        "mean_probability": {"candidates": float(found.mean()), "kept": float(found[kept].mean())},
        "classifier": {
            "kind": "multinomial logistic regression",
            **classifier.extractor.clauses,
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
