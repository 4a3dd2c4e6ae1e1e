"""What an extractor refuses."""

from rqbench.errors import DataError, UnsupportedError


class ExtractorModeError(UnsupportedError):
    """A network in training mode, whose features depend on the batch they are in."""


class NonFiniteFeaturesError(DataError):
    """A picture with features that are not numbers.

    Attributes:
        place: where the picture stands in its batch, from 0.
    """

    def __init__(self, message: str, place: int) -> None:
        super().__init__(message)
        self.place = place
