"""`rqbench evaluate`, for Python users too: measure a tokenizer on images, write what was found."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Int
from rich.console import Console
from torch import Tensor

from ..data.crop import Crop
from ..data.images import BadImageError
from ..environment import describe_environment, environment_id
from ..errors import ConfigError, DataError, RqbenchError
from ..files import appearing
from ..metrics.perceptual import Perceptual, find_perceptual
from ..progress import Progress
from ..record import Record
from ..stages.recording import Provenance, Recorder
from .bit_places import BitPlaces
from .coded_rate import CodedRate
from .folder import EvaluationFolder, check_out, replace_earlier
from .measure import measure
from .pictures import Picture, Pictures, batches, find_pictures
from .prior_rate import PriorRate, find_prior_rate
from .recording import Protocols, record_all
from .subject import Subject

EXPERIMENT = "evaluate"
MAX_THREADS = 8


@dataclass(frozen=True)
class Evaluation:
    """What was found.

    Attributes:
        folder: what was written.
        crop: with the resolution that was used.
        num_images: that were measured.
        notes: what was left out, and why; one sentence each.
        skipped: one line for each file that was left out.
    """

    folder: Path
    name: str
    data: str
    crop: Crop
    num_images: int
    records: list[Record]
    notes: list[str]
    skipped: list[str]


def evaluate(
    subject: Subject,
    images: Path | str,
    out: Path | str,
    crop: Crop | None = None,
    *,
    num: int | None = None,
    batch: int = 16,
    coded: int = 16,
    skip_bad: bool = False,
    reconstructions: bool = False,
    device: str = "cpu",
    console: Console | None = None,
) -> Evaluation:
    """Measure rate and distortion on a folder of images, or on one image.

    Args:
        subject: from `load_subject`, on `device`.
        out: a folder that is new, or holds the same evaluation, which this one then replaces.
        num: so many images at most, evenly spaced in the order of their names.
        batch: images encoded together.
        coded: where there is a prior, the codes of so many images are written as bytes and read
            back.
        skip_bad: leave out files that cannot be used, and list them.
        reconstructions: write them too, as PNG files.
        console: where progress goes; None for nowhere.

    Raises:
        ConfigError: no resolution, or a place where something else is.
        DataError: no images, or one that cannot be used (a BadImageError).
    """
    out = Path(out)
    crop = _with_resolution(crop or Crop(), subject)
    pictures = find_pictures(Path(images), num)
    asked = _asked(subject, pictures, crop)
    check_out(out, asked, reconstructions)
    rate = find_prior_rate(subject, pictures.names, crop)
    with Progress(console or Console(quiet=True), 1) as progress, appearing(out) as beside:
        folder = EvaluationFolder(beside, reconstructions)
        progress.begin_stage("evaluate")
        coding = CodedRate(rate, pictures.names, coded)
        progress.start(len(pictures.names) + 2 * len(coding.chosen))
        read = pictures.read(crop, _check_sides(subject), skip_bad, _threads(), 2 * batch)
        work = _Work(subject, find_perceptual(), rate, coding, folder, device)
        began = time.perf_counter()
        for some in batches(read, batch):
            work.take(some)
            progress.advance(by=len(some))
        progress.say(f"{len(work.names) / (time.perf_counter() - began):.1f} images/s")
        work.code(progress)
        records = work.write(pictures, crop)
        replace_earlier(out)
        progress.end_stage(True)
    return Evaluation(
        out, subject.name, pictures.name, crop, len(work.names), records,
        work.notes, pictures.skipped,
    )  # fmt: skip


class _Work:
    """What is found, batch by batch, and then written."""

    def __init__(
        self,
        subject: Subject,
        perceptual: Perceptual,
        rate: PriorRate,
        coding: CodedRate,
        folder: EvaluationFolder,
        device: str,
    ) -> None:
        self.subject, self.perceptual, self.rate = subject, perceptual, rate
        self.coding, self.folder, self.device = coding, folder, device
        self.places = BitPlaces()
        self.names: list[str] = []
        self.sizes: list[tuple[int, int]] = []
        self.values: list[dict[str, float]] = []
        self.counts: Int[Tensor, "g d k"] | None = None
        perceptual.distance.to(device)

    def take(self, some: list[Picture]) -> None:
        """Measure pictures of one size."""
        pixels = torch.stack([torch.from_numpy(picture.pixels) for picture in some])
        names = [picture.name for picture in some]
        found, codes = measure(self.subject.tokenizer, self.perceptual, pixels, self.device)
        rates = self.rate.of(codes, names, self.device)
        values = found.values | ({} if rates is None else rates.rates)
        self.names += names
        self.sizes += [(pixels.shape[3], pixels.shape[2])] * len(some)
        places = self.places.of(rates, codes, pixels, found.reconstructions)
        self.values += [
            dict(zip(values, of_one, strict=True)) | more
            for more, *of_one in zip(places, *values.values(), strict=True)
        ]
        self.counts = found.counts if self.counts is None else self.counts + found.counts
        self.folder.take(names, pixels, found.reconstructions)
        self.coding.take(codes, names)

    def code(self, progress: Progress) -> None:
        """Add what the chosen images take as bytes."""
        found = self.coding.measure(lambda images: progress.advance(by=images))
        for name, values in zip(self.names, self.values, strict=True):
            values.update(found.get(name, {}))

    @property
    def notes(self) -> list[str]:
        """What was left out, and why."""
        return [note for note in (self.rate.note, self.coding.note, self.places.note) if note]

    def write(self, pictures: Pictures, crop: Crop) -> list[Record]:
        """Everything but pictures, which are written by now.

        Raises:
            DataError: there was not one image.
        """
        if self.counts is None:
            raise DataError(
                f"None of the {len(pictures.names)} images can be used. The first: "
                f"{pictures.skipped[0]}."
            )
        subject, environment = self.subject, describe_environment(self.device)
        about = Provenance(
            EXPERIMENT, pictures.name, "all", subject.seed, environment_id(environment)
        )
        recorder = Recorder(about, subject.name)
        with_prior = Recorder(about, subject.name, subject.prior_name, recorder.protocols)
        clauses = {"data": pictures.digest[:12], "images": len(self.names), **crop.clauses()}
        records = record_all(
            recorder, with_prior, self.names, self.values, self.counts,
            Protocols(clauses, self.perceptual, self.rate.note, self.places.patch_px),
        )  # fmt: skip
        facts = _facts(subject, pictures, crop, self.notes)
        self.folder.write(records, recorder.protocols, environment, facts)
        self.folder.write_table(self.names, self.sizes, self.values)
        self.folder.close()
        return records


def _with_resolution(crop: Crop, subject: Subject) -> Crop:
    side = crop.resolution or subject.resolution
    if crop.kind == "whole":
        if crop.resolution is not None:
            raise ConfigError("--crop whole leaves pictures as they are; leave out --resolution.")
        return crop
    if side is None:
        raise ConfigError(
            f"{subject.name} does not say for which images it was made. Name the side of the "
            "square to measure with --resolution."
        )
    subject.tokenizer.layout(side)  # refuses a side that it cannot divide
    return crop.model_copy(update={"resolution": side})


def _check_sides(subject: Subject) -> Callable[[Picture], None]:
    """Refuse, by name, pictures whose sides the tokenizer does not take."""

    def check(picture: Picture) -> None:
        for side in sorted(set(picture.pixels.shape[1:])):
            try:
                subject.tokenizer.layout(side)
            except RqbenchError as error:
                raise BadImageError(picture.name, str(error).rstrip(".")) from None

    return check


def _asked(subject: Subject, pictures: Pictures, crop: Crop) -> dict[str, Any]:
    """What decides, before anything is read, what an evaluation is about."""
    return {
        "tokenizer": subject.name,
        "prior": subject.prior_name,
        "weights_sha256": dict(subject.weights_sha256),
        "data": pictures.name,
        "crop": crop.model_dump(mode="json"),
    }


def _facts(subject: Subject, pictures: Pictures, crop: Crop, notes: list[str]) -> dict[str, Any]:
    """What is to be known of an evaluation beside its records."""
    return {
        **_asked(subject, pictures, crop),
        "data_sha256": pictures.digest,
        "skipped": pictures.skipped,
        "notes": notes,
    }


def _threads() -> int:
    return min(MAX_THREADS, os.cpu_count() or 1)
