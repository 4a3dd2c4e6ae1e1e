"""How close a set of pictures comes to a reference set, in all scores that `compare` takes.

One pass of the extractor serves them all. Each value is what torch-fidelity gives; the interval is
that of the whole set, without the random subsets and parts that the published values are means of.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from torch import Tensor

from rqbench.errors import DataError
from rqbench.metric_names import PictureSet, describe, score_name

from .groups import left_together
from .neighbours import NEIGHBOUR_SCORES
from .rated import Rated
from .set_scores import Matched, rate_frechet, rate_inception, rate_kernel, rate_neighbours

_SPLITS, _IMAGES_PER_SPLIT = 10, 100  # published are 10 splits; fewer images make the score smaller
_NEIGHBOURS = 3  # as published for precision and recall, and torch-fidelity's default


@dataclass(frozen=True)
class Score:
    """One set-level number with what is needed to believe it.

    Attributes:
        metric, value, unit, higher_is_better, n, settings: as in Record; n counts candidates.
        ci95: (low, high), or None where nothing is known of chance.
        ci_method: how the interval was made, or why there is none.
        replicates: the score with each group left out, as influences of single images say it to
            first order where there are any, else measured again; None of a single group.
        clusters: the group that each replicate leaves out; None of samples, whose random blocks
            are not those of other samples.
    """

    metric: str
    value: float
    unit: str
    higher_is_better: bool
    ci95: tuple[float, float] | None
    ci_method: str
    n: int
    replicates: list[float] | None = None
    clusters: list[str] | None = None
    settings: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Features:
    """What an extractor gave for n images: Float[n d] features and Float[n v] logits."""

    features: Tensor
    logits: Tensor

    def __len__(self) -> int:
        return len(self.features)


def fidelity_scores(
    reference: Features, candidate: Features, groups: Sequence[str] | None, extractor_name: str
) -> list[Score]:
    """Fréchet distance, kernel distance and Inception-style score of the candidates.

    Of samples also precision, recall, density and coverage, where each side has more images than
    neighbours are counted; and the Fréchet distance less the bias of few images, where each side
    has more of them than features.

    Args:
        reference: the originals.
        candidate: reconstructions of the same images in the same order, or samples.
        groups: for reconstructions, the photograph of each image: images of one are taken together,
            replicates leave one photograph at a time (of more than 32, one of 32 bundles of them)
            out of both sets, and metric names begin with "r". None for samples: replicates leave
            out 16 random blocks in turn, and the reference stands fixed.
        extractor_name: of a published Inception it is not part of the names; any other is.

    Raises:
        DataError: fewer than two images, or reconstructions that do not pair with the reference.

    Sources: Heusel et al. 2017, arXiv:1706.08500; Bińkowski et al. 2018, arXiv:1801.01401; Salimans
    et al. 2016, arXiv:1606.03498.
    """
    _check(reference, candidate, groups)
    is_paired = groups is not None
    matched = Matched(groups, groups, is_paired, is_fixed=not is_paired)
    splits = min(_SPLITS, max(1, len(candidate) // _IMAGES_PER_SPLIT))
    clouds = reference.features, candidate.features
    found = [
        *rate_frechet(*clouds, matched),
        rate_kernel(*clouds, matched),
        rate_inception(candidate.logits, matched, splits),
    ]
    if not is_paired:  # a reconstruction lies beside its own original, whatever it lacks
        found += rate_neighbours(*clouds, matched, _NEIGHBOURS)
    labels = left_together(len(candidate), groups)
    of: PictureSet = "reconstructions" if is_paired else "samples"
    scores = {each.score: _score(each, reference, labels, extractor_name, of) for each in found}
    return [scores[name] for name in _names(of) if name in scores]


def possible_scores(extractor_name: str, of: PictureSet) -> list[str]:
    """The metrics that `fidelity_scores` has where there are images enough."""
    return [score_name(score, extractor_name, of) for score in _names(of)]


def _names(of: PictureSet) -> list[str]:
    """In the order of records."""
    names = ["fid", "kid", "inception_score"]
    return [*names, "fid_corrected", *NEIGHBOUR_SCORES] if of == "samples" else names


def _score(
    rated: Rated, reference: Features, labels: Sequence[str], extractor_name: str, of: PictureSet
) -> Score:
    """With what the score becomes without each group."""
    metric, left = score_name(rated.score, extractor_name, of), rated.without(labels)
    return Score(
        metric, rated.value, "", bool(describe(metric).higher_is_better),
        ci95=rated.ci95,
        ci_method=rated.method,
        n=len(labels),
        replicates=left.replicates or None,
        clusters=(left.groups or None) if of == "reconstructions" else None,
        settings=rated.settings | _about_reference(rated.score, reference),
    )  # fmt: skip


def _about_reference(score: str, reference: Features) -> dict[str, int]:
    """What says whether there are images enough."""
    if score == "inception_score":  # which looks at no reference
        return {}
    n, features = reference.features.shape
    is_distance = score in ("fid", "fid_corrected")
    return {"n_reference": n, "features": features} if is_distance else {"n_reference": n}


def _check(reference: Features, candidate: Features, groups: Sequence[str] | None) -> None:
    if min(len(reference), len(candidate)) < 2:
        raise DataError(
            f"{len(candidate)} images against {len(reference)} give no fidelity score: a spread "
            "needs two images on each side, and a trustworthy one some thousands."
        )
    if groups is not None and not len(groups) == len(reference) == len(candidate):
        raise DataError(
            f"{len(candidate)} reconstructions with {len(groups)} photographs do not pair with "
            f"{len(reference)} originals. Measure all on the same images."
        )
