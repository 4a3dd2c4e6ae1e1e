"""Rate-distortion curves, their Bjontegaard differences, and classical codecs beside them."""

from .bd import BD, Line, Method, bd_distortion, bd_rate
from .codecs import Codec, installed_codecs
from .compare_curves import Comparison, Difference, compare_curves
from .curves import Curve, Point, find_curves
from .match import Matched, Reading, match_curves
from .rate_distortion import RateDistortion, rate_distortion

__all__ = [
    "BD",
    "Codec",
    "Comparison",
    "Curve",
    "Difference",
    "Line",
    "Matched",
    "Method",
    "Point",
    "RateDistortion",
    "Reading",
    "bd_distortion",
    "bd_rate",
    "compare_curves",
    "find_curves",
    "installed_codecs",
    "match_curves",
    "rate_distortion",
]
