"""The Fréchet distance of two sets with all that is needed to believe it."""

from dataclasses import dataclass, replace

from jaxtyping import Float
from torch import Tensor

from .frechet import Gaussian, frechet_parts, gaussian_of
from .frechet_correction import Corrected, corrected_distance
from .frechet_error import frechet_influence, frechet_influences, transports
from .frechet_tails import tail_bias
from .influence import Clusters, Influence
from .moments import Moments


@dataclass(frozen=True)
class FrechetScore:
    """Plain and corrected, and how much each picture moves either.

    Attributes:
        plain: as published.
        corrected: without the bias of few pictures; no value where they are too few.
        is_singular: whether a set lies in fewer dimensions than it has features.
        reference: influences of its pictures; None of statistics, or of too few pictures.
        candidate: influences of the candidates; None of too few.
    """

    plain: float
    corrected: Corrected
    is_singular: bool
    reference: Influence | None
    candidate: Influence | None


def frechet_score(
    reference: Float[Tensor, "n d"] | Gaussian,
    candidate: Float[Tensor, "m d"],
    reference_clusters: Clusters = None,
    candidate_clusters: Clusters = None,
) -> FrechetScore:
    """Measure candidates against a reference.

    Where a set has too few pictures for influences, `resampling.leave_out` over `frechet.gaussian`
    of what is left finds the error.

    Args:
        reference: features; or statistics from `gaussian_of`, which stand fixed: what chance did to
            them is corrected where their count is known, and is never part of the error.
        candidate: features.
        reference_clusters, candidate_clusters: as `Influence.error` takes them.
    """
    ours = reference if isinstance(reference, Gaussian) else gaussian_of(Moments.of(reference))
    theirs = gaussian_of(Moments.of(candidate))
    parts = frechet_parts(ours, theirs)
    corrected = corrected_distance(ours, theirs, parts)
    moved: tuple[Influence | None, Influence | None]
    if isinstance(reference, Gaussian):
        moved = None, frechet_influence(candidate, reference, candidate_clusters)
    else:
        both = frechet_influences(reference, candidate, reference_clusters, candidate_clusters)
        moved = both or (None, None)
    if corrected.value is not None:
        there, back = transports(ours, theirs)
        tails = tail_bias(candidate, back)
        tails += 0.0 if isinstance(reference, Gaussian) else tail_bias(reference, there)
        corrected = replace(corrected, value=corrected.value - tails)
    is_singular = ours.is_singular or theirs.is_singular
    return FrechetScore(parts.distance, corrected, is_singular, *moved)
