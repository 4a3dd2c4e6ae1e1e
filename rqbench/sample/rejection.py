"""Rejection sampling: of many candidates, keep those that a classifier takes for their class."""

import math
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..codes import Codes
from ..data import ImageData, open_data, to_float
from ..errors import DataError
from ..metrics.extractor import Extractor
from ..progress import Progress
from ..resampling import mean_interval
from ..seed import derive_seed
from ..stage import Context
from ..stages.draw_samples import decode
from ..stages.reference import extract
from ..statistics import Interval
from .blocks import Judge
from .probe import Probe, fit_probe
from .system import TrainedSystem


@dataclass(frozen=True)
class Classifier:
    """A linear probe on an extractor's features.

    Attributes:
        num_crops: training crops that it was fitted on.
        accuracy: on the held-out images.
        largest_class_share: of the held-out images: what always guessing one class would reach.
    """

    extractor: Extractor
    probe: Probe
    num_crops: int
    accuracy: Interval
    largest_class_share: float


def train_classifier(
    system: TrainedSystem, extractor: Extractor, limit: int, folder: Path, progress: Progress
) -> Classifier:
    """Fit on the training crops that the prior saw, at most `limit` of them.

    Raises:
        DataError: the data is not what the system was trained on.
    """
    data = _open_same_data(system)
    crops = min(system.entry.crops, limit)
    training = data.training_crops(derive_seed(system.entry.seed, "prior crops"), range(crops))
    held_out = data.held_out()
    assert training.labels is not None and held_out.labels is not None  # the system has classes
    progress.start(crops + len(held_out.images))
    context = Context(folder, {}, str(extractor.device), progress)
    features = extract(extractor, training.images, context).features
    probe = fit_probe(features, training.labels, system.class_names or ())
    guesses = probe.probabilities(extract(extractor, held_out.images, context).features)
    right = (guesses.argmax(dim=1) == held_out.labels).double().tolist()
    largest = int(held_out.labels.bincount().max()) / len(right)
    return Classifier(extractor, probe, crops, mean_interval(right, held_out.clusters), largest)


def _open_same_data(system: TrainedSystem) -> ImageData:
    trained_on, digest = system.entry.data, system.entry.data_digest
    assert trained_on is not None and digest is not None  # else rejection was refused before
    data = open_data(trained_on)
    if data.digest != digest:
        raise DataError(
            f"{data.name} is not what {system.name!r} was trained on: its digest is "
            f"{data.digest[:12]}, not {digest[:12]}. Put the images back as they "
            "were, or leave out --accept."
        )
    return data


def judge_by(classifier: Classifier, system: TrainedSystem, batch_size: int) -> Judge:
    """The probability that the classifier gives the wanted class of each decoded image."""

    def judge(codes: Codes, labels: Tensor) -> Tensor:
        images = to_float(decode(system.tokenizer, codes, batch_size))
        found = classifier.probe.probabilities(classifier.extractor.features(images)[0])
        return found.gather(1, labels[:, None])[:, 0]

    return judge


def num_candidates(num: int, num_classes: int, accept: float) -> int:
    """So many that each class keeps at most the share `accept` of its candidates."""
    largest = math.ceil(num / num_classes)
    return num_classes * math.ceil(largest / accept - 1e-9)  # 3 / 0.1 is a hair above 30


def keep_best(
    probabilities: Float[Tensor, " m"], num_classes: int, num: int
) -> Int[Tensor, " num"]:
    """The candidate that becomes each image: of its class, one of the most probable.

    Candidates and images have their classes in turn. Of equal probabilities the first candidates
    are kept; the images of a class are in the order of the candidates, so that the first few are no
    better than the rest.
    """
    kept = torch.empty(num, dtype=torch.int64)
    for which in range(min(num_classes, num)):
        images = torch.arange(which, num, num_classes)
        candidates = torch.arange(which, len(probabilities), num_classes)
        order = probabilities[candidates].argsort(descending=True, stable=True)
        kept[images] = candidates[order[: len(images)]].sort().values
    return kept
