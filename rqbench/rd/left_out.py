"""What a rate leaves out of a figure, in words."""

from collections.abc import Sequence

from ..record import Record, settings_text
from .curves import find_curves

NOMINAL = "rate_nominal_bpp"
OF_PRIORS = ("rate_prior_bpp", "rate_coded_bpp")


def without_rate(records: Sequence[Record], rate: str, distortion: str) -> list[str]:
    """Sentences on tokenizers, or operating points of theirs, that lack the rate that was asked for
    and have a nominal one."""
    rated = find_curves(records, rate, distortion)
    notes = []
    for curve in find_curves(records, NOMINAL, distortion):
        points = [
            point
            for one in rated
            for point in one.points
            if point.rate.tokenizer == curve.points[0].rate.tokenizer
        ]
        known = {settings_text(point.settings) for point in points}
        lacking = [settings_text(point.settings) for point in curve.distinct()]
        lacking = [text for text in lacking if text not in known]
        if lacking and not curve.is_codec:
            which = "; ".join(filter(None, lacking)) if points else ""
            notes.append(f"left out, without {rate}: {curve.name}{which and f' at {which}'}")
    if notes and rate in OF_PRIORS and any(not curve.is_codec for curve in rated):
        notes.append(
            "a prior models all codes of its tokenizer, so other operating points have no such "
            "rate: train them with priors of their own, by a --sweep of `rqbench compare`"
        )
    return notes
