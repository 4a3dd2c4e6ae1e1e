"""The Fréchet distance of two sets with all that is needed to believe it."""

from dataclasses import dataclass, replace

from jaxtyping import Float
from torch import Tensor

from .frechet import Gaussian, fitted, frechet_parts
from .frechet_correction import Corrected, corrected_distance
from .frechet_error import frechet_influence, frechet_influences, transports
from .frechet_tails import tail_bias
from .influence import Clusters, Influence


@dataclass(frozen=True)
class FrechetScore:
    """Plain and corrected, and how much each picture moves either.

    Attributes:
        plain: as published.
        corrected: without the bias of few pictures; no value where they are too few.
        reference: influences of its pictures; None of statistics, or of too few pictures.
        candidate: influences of the candidates; None of too few.
    """

    plain: float
    corrected: Corrected
    reference: Influence | None
    candidate: Influence | None


def frechet_score(
    reference: Float[Tensor, "n d"] | Gaussian,
    candidate: Float[Tensor, "m d"],
    reference_clusters: Clusters = None,
    candidate_clusters: Clusters = None,
) -> FrechetScore:
    """Measure candidates against a reference.

    Where a set has too few pictures for influences, `resampling.leave_out` over `frechet.fitted`
    finds the error.

    Args:
        reference: features; or statistics from `gaussian_of`, which stand fixed: what chance did to
            them is corrected where their count is known, and is never part of the error.
        candidate: features.
        reference_clusters, candidate_clusters: as `Influence` has them. The correction takes each
            picture for itself all the same: of crops most of the bias is left.
    """
    ours = reference if isinstance(reference, Gaussian) else fitted(reference)
    theirs = fitted(candidate)
    parts = frechet_parts(ours, theirs)
    corrected = corrected_distance(ours, theirs, parts)
    if corrected.value is None:
        return FrechetScore(parts.distance, corrected, None, None)
    there, back = transports(ours, theirs)
    tails = tail_bias(candidate, back)
    moved: tuple[Influence | None, Influence | None] | None
    if isinstance(reference, Gaussian):
        moved = None, frechet_influence(candidate, reference, candidate_clusters)
    else:
        moved = frechet_influences(reference, candidate, reference_clusters, candidate_clusters)
        tails += tail_bias(reference, there)
    corrected = replace(corrected, value=corrected.value - tails)
    return FrechetScore(parts.distance, corrected, *(moved or (None, None)))
