"""Statistics beside the pictures of one file, as guided-diffusion publishes a reference.

They are of a whole training set, of which the pictures are some. Fréchet distances are then against
the statistics, and all else is against the pictures.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from ..metrics.extractor import Extractor
from ..metrics.moments import Moments
from .dialects import DIALECTS
from .measured_set import MeasuredSet
from .npz_member import member_names
from .npz_pictures import PIXELS
from .protocol import FidelityProtocol
from .statistics_file import (
    POOLED,
    SPATIAL,
    arrays_for,
    check_fits,
    other_features,
    read_statistics,
)

_MADE_BY = {POOLED: DIALECTS["adm"].protocol, SPATIAL: DIALECTS["adm-spatial"].protocol}


@dataclass(frozen=True)
class GivenStatistics:
    """
    Attributes:
        arrays: names of the mean and the covariance in their file.
        moments: None where they are of other features than the protocol's.
        why: which those are.
    """

    arrays: tuple[str, str]
    moments: Moments | None
    why: str = ""

    def beside(self, measured: MeasuredSet) -> MeasuredSet:
        """The set of the pictures, with what stands beside them."""
        theirs = f"{' and '.join(self.arrays)} of {measured.name}"
        note = (
            f"{theirs} are of other features ({self.why}): all scores are against its pictures"
            if self.moments is None
            else f"Fréchet distances are against {theirs}, which do not say of how many pictures "
            f"they are; all else is against its {measured.n:,} pictures"
        )
        return replace(measured, given=self.moments, note=note)


def given_statistics(
    path: Path, protocol: FidelityProtocol, extractor: Extractor
) -> GivenStatistics | None:
    """What a file holds beside its pictures; None where that is nothing.

    Raises:
        ConfigError: statistics of another width than the extractor's.
        DataError: statistics that cannot be read.
    """
    is_file = path.suffix == ".npz" and path.is_file()
    if not is_file or not {PIXELS, *POOLED} <= set(member_names(path)):
        return None
    arrays = arrays_for(path, protocol)
    differ = other_features(_MADE_BY[arrays], protocol)
    if not differ and extractor.name != protocol.extractor:
        differ = [f"the published weights instead of those of {extractor.name}"]
    if differ:
        return GivenStatistics(arrays, None, "; ".join(differ))
    found = read_statistics(path, arrays)
    check_fits(found, path, protocol, extractor)
    return GivenStatistics(arrays, found.moments)
