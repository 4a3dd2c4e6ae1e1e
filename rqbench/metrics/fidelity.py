"""How close a set of pictures comes to a reference set, in all scores that `compare` takes.

One pass of the extractor serves them all. Each value is what torch-fidelity gives; the interval is
that of the whole set, without the random subsets and parts that the published values are means of.
"""

from collections.abc import Mapping, Sequence
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
    reference: Features,
    candidate: Features,
    clusters: Sequence[str] | None,
    extractor_name: str,
    of: PictureSet,
) -> list[Score]:
    """Fréchet distance, kernel distance and Inception-style score of the candidates.

    Of samples also precision, recall, density and coverage, where each side has more images than
    neighbours are counted; and the Fréchet distance less the bias of few images, where each side
    has more of them than features and the originals are no crops of shared photographs.

    Args:
        reference: the originals.
        candidate: reconstructions of the same images in the same order, or samples.
        clusters: the photograph of each original; None where each stands for itself.
        extractor_name: of a published Inception it is not part of the names; any other is.
        of: reconstructions of one photograph are taken together, replicates leave one photograph at
            a time (of more than 32, one of 32 bundles of them) out of both sets, and metric names
            begin with "r". Of samples replicates leave out 16 random blocks in turn, and the
            reference stands fixed.

    Raises:
        DataError: fewer than two images, or reconstructions that do not pair with the reference.

    Sources: Heusel et al. 2017, arXiv:1706.08500; Bińkowski et al. 2018, arXiv:1801.01401; Salimans
    et al. 2016, arXiv:1606.03498.
    """
    is_paired = of == "reconstructions"
    _check(reference, candidate, clusters, is_paired)
    of_candidate = clusters if is_paired else None
    matched = Matched(clusters, of_candidate, is_paired, is_fixed=not is_paired)
    splits = min(_SPLITS, max(1, len(candidate) // _IMAGES_PER_SPLIT))
    clouds = reference.features, candidate.features
    found = [
        *rate_frechet(*clouds, matched),
        rate_kernel(*clouds, matched),
        rate_inception(candidate.logits, matched, splits),
    ]
    if not is_paired:  # a reconstruction lies beside its own original, whatever it lacks
        found += rate_neighbours(*clouds, matched, _NEIGHBOURS)
    labels = left_together(len(candidate), of_candidate)
    crops = len(set(clusters or ())) if matched.has_crops and not is_paired else None
    scores = {
        each.score: _score(each, _about(each.score, reference, crops), labels, extractor_name, of)
        for each in found
    }
    return [scores[name] for name in _names(of) if name in scores]


def possible_scores(extractor_name: str, of: PictureSet) -> list[str]:
    """The metrics that `fidelity_scores` has where there are images enough."""
    return [score_name(score, extractor_name, of) for score in _names(of)]


def _names(of: PictureSet) -> list[str]:
    """In the order of records."""
    names = ["fid", "kid", "inception_score"]
    return [*names, "fid_corrected", *NEIGHBOUR_SCORES] if of == "samples" else names


def _score(
    rated: Rated,
    about: Mapping[str, int],
    labels: Sequence[str],
    extractor_name: str,
    of: PictureSet,
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
        settings={**rated.settings, **about},
    )  # fmt: skip


def _about(score: str, reference: Features, photographs: int | None) -> dict[str, int]:
    """What says whether there are images enough, and of how many photographs the originals are."""
    if score == "inception_score":  # which looks at no reference
        return {}
    n, features = reference.features.shape
    about = (
        {"n_reference": n}
        if photographs is None
        else {"n_reference": n, "photographs": photographs}
    )
    return about | ({"features": features} if score in ("fid", "fid_corrected") else {})


def _check(
    reference: Features, candidate: Features, clusters: Sequence[str] | None, is_paired: bool
) -> None:
    if min(len(reference), len(candidate)) < 2:
        raise DataError(
            f"{len(candidate)} images against {len(reference)} give no fidelity score: a spread "
            "needs two images on each side, and a trustworthy one some thousands."
        )
    if is_paired and len(reference) != len(candidate):
        raise DataError(
            f"{len(candidate)} reconstructions do not pair with {len(reference)} originals. "
            "Measure all on the same images."
        )
    if clusters is not None and len(clusters) != len(reference):
        raise DataError(
            f"{len(clusters)} photographs are named for {len(reference)} originals. Name one for "
            "each."
        )
