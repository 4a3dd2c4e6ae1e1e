"""`rqbench fidelity score`, for Python users too: scores of pictures against a reference."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from ..errors import ConfigError, DataError
from ..metrics.difference import Difference
from ..metrics.extractor import Extractor
from ..metrics.rated import Rated, compare_rated
from ..progress import Progress
from .biased_apart import biased_apart, note_of
from .chunk_store import default_cache
from .feature_pass import feature_pass
from .feature_set import FeatureSet
from .given_statistics import given_statistics
from .measured_set import MeasuredSet, is_statistics, measure_set, open_set
from .near_training import NearTraining
from .notes import notes_of
from .paired_sets import check_counts, pair
from .pictures import Pictures
from .protocol import FidelityProtocol
from .rate import rate
from .stats import default_workers
from .traps import Trap, traps_met


@dataclass(frozen=True)
class Source:
    """Where a set lies.

    Attributes:
        path: of a folder, an npz file, a run, or statistics.
        system: of a run, whose samples are meant; None for its held-out crops.
        takes_given: whether statistics beside the pictures of a reference serve too.
    """

    path: Path
    system: str | None = None
    takes_given: bool = True


@dataclass(frozen=True)
class Effort:
    """How the work is done; none of it changes a number.

    Attributes:
        cache: None for `default_cache`.
        workers: threads that decode; None for one a core.
        batch: pictures that the network sees together.
    """

    cache: Path | None = None
    workers: int | None = None
    batch: int = 32
    skip_bad: bool = False
    console: Console | None = None


@dataclass(frozen=True)
class Scoring:
    """Scores of one or several sets against one reference.

    Attributes:
        rated: of each candidate.
        traps: of each candidate, together with the reference.
        training: the pictures among which copies were looked for.
    """

    protocol: FidelityProtocol
    extractor: Extractor
    reference: MeasuredSet
    candidates: list[MeasuredSet]
    rated: list[list[Rated]]
    traps: list[list[Trap]]
    training: MeasuredSet | None = None

    @property
    def notes(self) -> list[str]:
        """What else a reader has to know, each once."""
        found = [each.note for rated in self.rated for each in rated if each.note]
        found += notes_of(self.reference, self.candidates, self.protocol, self.extractor)
        if len(self.candidates) > 1:
            found.append(note_of(*self.candidates[:2]))
        return list(filter(None, dict.fromkeys(found)))

    def differences(self) -> Iterator[tuple[Rated, Difference]]:
        """Of the first two candidates: each score of the first, and by how much it exceeds that of
        the second; of unequally many pictures only where their number biases no score."""
        if len(self.rated) < 2:
            return
        others = {each.score: each for each in self.rated[1]}
        biased = biased_apart(*self.candidates[:2])
        for first in self.rated[0]:
            if first.score in biased:
                continue
            second = others.get(first.score)
            between = None if second is None else compare_rated(first, second)
            if between is not None:
                yield first, between


def score(
    reference: Source,
    candidates: Sequence[Source],
    protocol: FidelityProtocol,
    extractor: Extractor,
    *,
    training: Source | None = None,
    infinity: bool = False,
    is_paired: bool = False,
    strict: bool = False,
    effort: Effort | None = None,
) -> Scoring:
    """Measure sets of pictures against a reference.

    Args:
        reference: pictures, or saved statistics, which allow no KID, precision and recall; a file
            of guided-diffusion's may hold both.
        candidates: pictures.
        extractor: of the protocol.
        training: what the candidates' model was trained on, to look for copies; the reference is
            then pictures that were held out.
        infinity: extrapolate the Fréchet distance to infinitely many pictures too.
        is_paired: the candidates are reconstructions of the reference's pictures, in the same
            order: errors are those of pairs, and no distance is corrected.
        strict: refuse to score what meets a trap.

    Raises:
        ConfigError: statistics in place of pictures, or statistics of another protocol.
        DataError: pictures that cannot be used, or with `strict` a trap.
    """
    for source in candidates:
        _check_candidate(source)
    sources = [reference, *candidates, *([] if training is None else [training])]
    # All before the first pass: what cannot be opened is told at once
    opened = [(source, open_set(source.path, source.system)) for source in sources]
    if is_paired:
        originals, *pictures = [found for _, found in opened[: 1 + len(candidates)]]
        check_counts(originals, pictures)
    given = given_statistics(reference.path, protocol, extractor) if reference.takes_given else None
    effort = effort or Effort()
    num_stages = 1 + 2 * len(candidates) + (training is not None)
    with Progress(effort.console or Console(quiet=True), num_stages) as progress:

        def run_pass(pictures: Pictures) -> FeatureSet:
            return feature_pass(
                pictures, extractor, effort.cache or default_cache(),
                effort.workers or default_workers(), effort.batch, progress, effort.skip_bad,
            )  # fmt: skip

        def measure(source: Source, pictures: Pictures | None) -> MeasuredSet:
            progress.begin_stage(f"features of {source.system or source.path.name}")
            found = measure_set(source.path, pictures, protocol, extractor, run_pass)
            progress.end_stage(True)
            return found

        measured = [measure(*each) for each in opened]
        target, *sets = _distinct(measured, range(1, 1 + len(candidates)))
        target = target if given is None else given.beside(target)
        trained = None if training is None else sets.pop()
        if is_paired:
            target, *sets = pair(target, sets)
        near = None if trained is None else NearTraining(target, trained)
        sides = [each.side() for each in sets]
        side_px, shuffles = extractor.protocol.side, protocol.is_shuffle
        traps = [traps_met(target.side(), side, shuffles, side_px, is_paired) for side in sides]
        if strict:
            _refuse(traps)
        rated = []
        for each in sets:
            progress.begin_stage(f"scores of {each.name}")
            scores = rate(target, each, protocol, infinity, is_paired)
            rated.append(scores if near is None else [*scores, *near.rate(each)])
            progress.end_stage(True)
    return Scoring(protocol, extractor, target, sets, rated, traps, trained)


def _check_candidate(source: Source) -> None:
    if is_statistics(source.path):
        raise ConfigError(
            f"{source.path} holds statistics and no pictures. They can be the reference, which "
            "comes first; what is scored has to be pictures."
        )


def _distinct(sets: Sequence[MeasuredSet], scored: range) -> list[MeasuredSet]:
    """Sets of one name and other contents are told apart by a number, and so are candidates of the
    same: each has scores of its own, and in another order it makes other pairs.

    Args:
        scored: places of the candidates.
    """
    known: dict[str, list[tuple[str, int]]] = {}
    named = []
    for index, each in enumerate(sets):
        earlier = sets[scored.start : index] if index in scored else []
        repeats = [one for one in earlier if (one.name, one.digest) == (each.name, each.digest)]
        kind = each.digest, len(repeats)
        kinds = known.setdefault(each.name, [])
        if kind not in kinds:
            kinds.append(kind)
        place = kinds.index(kind)
        named.append(replace(each, name=f"{each.name} ({place + 1})") if place else each)
    return named


def _refuse(traps: Sequence[Sequence[Trap]]) -> None:
    met = list(dict.fromkeys(str(trap) for each in traps for trap in each))
    if met:
        raise DataError("\n".join([*met, "Without --strict these are warnings."]))
