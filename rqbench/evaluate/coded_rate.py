"""The bytes that some of the images really take under the prior."""

import copy
from collections.abc import Sequence

from ..bitstream.coder import Advance
from ..codes import Codes, concatenate
from ..data.batch import evenly
from ..errors import UnsupportedError
from ..stages.coded_rates import coded_rates
from .prior_rate import PriorRate


class CodedRate:
    """Keeps the codes of the chosen images, and writes and reads all of them at the end.

    Args:
        names: of all images.
        count: so many of them are chosen, evenly spaced; those that cannot be read are left out.

    Attributes:
        chosen: their names; empty where the prior gives no rate.
        note: why there is no coded rate, where there should be one.
    """

    def __init__(self, rate: PriorRate, names: Sequence[str], count: int) -> None:
        places = evenly(len(names), count if rate.prior else 0).tolist()
        self.rate, self.chosen, self.note = rate, {names[place] for place in places}, ""
        self._names: list[str] = []
        self._codes: list[Codes] = []

    def take(self, codes: Codes, names: Sequence[str]) -> None:
        """Keep what was chosen of a batch; the codes are on the CPU."""
        for place, name in enumerate(names):
            if name in self.chosen:
                self._names.append(name)
                self._codes.append(codes[place : place + 1])

    def measure(self, advance: Advance) -> dict[str, dict[str, float]]:
        """By name, then by metric.

        Raises:
            RoundTripError: codes that did not come back.
        """
        if self.rate.prior is None or not self._names:
            return {}
        labels = self.rate.labels_of(self._names)
        codes, pixels = concatenate(self._codes), self.rate.pixels
        try:
            model = copy.deepcopy(self.rate.prior).cpu()
            found = coded_rates(model, codes, labels, self._names, pixels, advance)
        except UnsupportedError as error:
            self.note = f"no coded rate: {error}"
            return {}
        return {
            name: dict(zip(found, of_one, strict=True))
            for name, of_one in zip(self._names, zip(*found.values(), strict=True), strict=True)
        }
