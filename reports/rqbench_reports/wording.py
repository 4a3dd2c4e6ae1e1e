"""How metrics are called on the page: title, unit, and how many decimals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

DASH = "–"  # noqa: RUF001 - an en dash: not measured


@dataclass(frozen=True)
class Wording:
    """A metric's words.

    Attributes:
        title: short, as a column heads it.
        unit: of the number that is shown; empty where it has none.
        scale: what the recorded value is divided by to be shown in that unit.
        decimals: fixed for metrics whose size is known; None takes three significant digits.
    """

    title: str
    unit: str = ""
    scale: float = 1.0
    decimals: int | None = None


WORDINGS = {
    "codes_per_image": Wording("codes", "/image", decimals=1),
    "rate_nominal_bpp": Wording("nominal", "bpp", decimals=3),
    "rate_empirical_bpp": Wording("empirical", "bpp", decimals=3),
    "rate_prior_bpp": Wording("prior", "bpp", decimals=3),
    "rate_coded_bpp": Wording("coded", "bpp", decimals=3),
    "rate_nominal_side_bpp": Wording("nominal, map", "bpp", decimals=3),
    "rate_nominal_content_bpp": Wording("nominal, codes", "bpp", decimals=3),
    "rate_empirical_side_bpp": Wording("empirical, map", "bpp", decimals=3),
    "rate_empirical_content_bpp": Wording("empirical, codes", "bpp", decimals=3),
    "rate_prior_side_bpp": Wording("prior, map", "bpp", decimals=3),
    "rate_prior_content_bpp": Wording("prior, codes", "bpp", decimals=3),
    "coding_overhead_bytes": Wording("overhead", "B/image", decimals=1),
    "nll_bits_per_image": Wording("NLL", "bits/image", decimals=0),
    "bits_entropy_rank_correlation": Wording("bits with detail", decimals=2),
    "bits_error_rank_correlation": Wording("bits with error", decimals=2),
    "psnr_db": Wording("PSNR", "dB", decimals=2),
    "ssim": Wording("SSIM", decimals=3),
    "ms_ssim": Wording("MS-SSIM", decimals=3),
    "lpips": Wording("LPIPS", decimals=3),
    "st_lpips": Wording("ST-LPIPS", decimals=3),
    "fid": Wording("FID"),
    "kid": Wording("KID"),
    "inception_score": Wording("IS"),
    "fid_infinity": Wording("FID∞"),
    "fid_corrected": Wording("FID corrected"),
    "sfid": Wording("sFID"),
    "density": Wording("density", decimals=3),
    "coverage": Wording("coverage", decimals=3),
    "rfid": Wording("rFID"),
    "rkid": Wording("rKID"),
    "rinception_score": Wording("rIS"),
    "precision": Wording("precision", decimals=3),
    "recall": Wording("recall", decimals=3),
    "codebook_usage": Wording("used", "%", scale=0.01, decimals=1),
    "codebook_perplexity": Wording("perplexity"),
    "fine_ratio": Wording("fine", "%", scale=0.01, decimals=1),
    "grain_ratio": Wording("grain", "%", scale=0.01, decimals=1),
    "sampling_images_per_s": Wording("sampling", "images/s"),
    "prior_ms_per_image": Wording("prior", "ms/image"),
    "decoder_ms_per_image": Wording("decoder", "ms/image"),
    "floor_ratio": Wording("x floor"),
    "energy_j_per_image": Wording("energy", "J/image"),
    "peak_memory_bytes": Wording("memory", "MiB", scale=2.0**20, decimals=0),
    "nearer_to_training_share": Wording("nearer to training", "%", scale=0.01, decimals=1),
    "training_copies_share": Wording("copies", "%", scale=0.01, decimals=1),
    "nearer_to_training_codes_share": Wording("nearer in codes", "%", scale=0.01, decimals=1),
    "training_code_copies_share": Wording("copies in codes", "%", scale=0.01, decimals=1),
    "parameters": Wording("parameters", "M", scale=1e6, decimals=2),
    "macs": Wording("MACs", "G", scale=1e9, decimals=2),
    "training_s": Wording("training", "s", decimals=0),
}

FAMILIES = {
    "fd_infinity": Wording("FD∞"),
    "fd_corrected": Wording("FD corrected"),
    "fd": Wording("FD"),
    "kid": Wording("KID"),
    "is": Wording("IS"),
    "precision": Wording("precision", decimals=3),
    "recall": Wording("recall", decimals=3),
    "density": Wording("density", decimals=3),
    "coverage": Wording("coverage", decimals=3),
}
"""Scores of extractors other than Inception: `fd_NAME`, and `rfd_NAME` of reconstructions. Names
that begin as another one does stand before it."""

OF_INCEPTION = frozenset(
    {
        "fid", "fid_infinity", "fid_corrected", "sfid", "kid", "inception_score", "precision",
        "recall", "density", "coverage",
    }
)  # fmt: skip


def wording(metric: str) -> Wording:
    """The words of a metric; one that nobody knows goes by its own name."""
    if metric in WORDINGS:
        return WORDINGS[metric]
    prefix, family, _ = _parts(metric)
    if not family:
        return Wording(metric)
    return replace(FAMILIES[family], title=prefix + FAMILIES[family].title)


def extractor_of(metric: str) -> str | None:
    """The feature extractor of a distribution score, None for other metrics."""
    if metric in OF_INCEPTION or metric.removeprefix("r") in OF_INCEPTION:
        return "Inception"
    return _parts(metric)[2] or None


def _parts(metric: str) -> tuple[str, str, str]:
    """`rkid_net` is an "r" for reconstructions, the family "kid" and the extractor "net"."""
    for prefix in ("", "r"):
        for family in FAMILIES:
            if metric.startswith(start := f"{prefix}{family}_"):
                return prefix, family, metric.removeprefix(start)
    return "", "", ""


def decimals(metric: str, values: Sequence[float]) -> int:
    """Decimals of all numbers of one column, so that they stand under each other."""
    fixed = wording(metric).decimals
    if fixed is not None:
        return fixed
    shown = [abs(value) / wording(metric).scale for value in values if math.isfinite(value)]
    largest = max(shown, default=0.0)
    return 0 if largest == 0 else min(max(2 - math.floor(math.log10(largest)), 0), 5)


def number(value: float, places: int) -> str:
    """A number with fixed decimals; thousands are set apart, infinities have their sign, and
    what is rounded to zero has none."""
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    return f"{value:z,.{places}f}"


def significant(value: float) -> str:
    """A number with three significant digits, written out and with thousands set apart."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 1000 else f"{value:.3g}"


def axis_label(metric: str, higher_is_better: bool | None = None) -> str:
    """Title, extractor and unit for the axis of a plot, with an arrow where one end is better."""
    words = wording(metric)
    inner = ", ".join(part for part in (extractor_of(metric), words.unit) if part)
    arrow = {True: " ↑", False: " ↓", None: ""}[higher_is_better]
    return f"{words.title}{f' ({inner})' if inner else ''}{arrow}"
