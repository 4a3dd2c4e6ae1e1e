"""The metrics of records: unit, direction and meaning. Names end with their unit and are few."""

from dataclasses import dataclass
from math import inf
from typing import Literal

from .errors import ConfigError, did_you_mean

PictureSet = Literal["samples", "reconstructions"]


@dataclass(frozen=True)
class Metric:
    """
    Attributes:
        score_of: of a fidelity score, the set of pictures that it judges as a whole.
        bounds: what the true value cannot leave, though an interval may.
    """

    unit: str
    higher_is_better: bool | None
    meaning: str
    score_of: PictureSet | None = None
    bounds: tuple[float, float] = (-inf, inf)

    def possible(self, interval: tuple[float, float]) -> tuple[float, float]:
        """What of an interval the value can be: to be shown, since no error follows from it."""
        return max(interval[0], self.bounds[0]), min(interval[1], self.bounds[1])


METRICS: dict[str, Metric] = {
    "psnr_db": Metric("dB", True, "mean over images of each image's PSNR"),
    "ssim": Metric("", True, "structural similarity, Gaussian window"),
    "ms_ssim": Metric("", True, "multi-scale SSIM, images of 176 px and more"),
    "lpips": Metric("", False, "LPIPS"),
    "st_lpips": Metric("", False, "ST-LPIPS (alex), which is not LPIPS"),
    "rate_nominal_bpp": Metric("bpp", False, "log2 k a code, and the grain map"),
    "rate_empirical_bpp": Metric("bpp", False, "zero-order entropy, fitted on training codes"),
    "rate_prior_bpp": Metric("bpp", False, "the prior's log-likelihood"),
    "rate_coded_bpp": Metric("bpp", False, "bytes that were written, read back"),
    **{
        f"rate_{rate}_{part}_bpp": Metric("bpp", False, f"{meaning} in the {rate} rate")
        for rate in ("nominal", "empirical", "prior")
        for part, meaning in (("content", "codes"), ("side", "the grain map or positions"))
    },
    "coding_overhead_bytes": Metric(
        "B", False, "what was written beyond the prior's log-likelihood of the same images"
    ),
    "header_bytes": Metric(
        "B", False, "of a file that `rqbench compress` makes of one image; not in the coded rate"
    ),
    "container_bytes": Metric(
        "B", False, "of a codec's file, those of a one-colour picture of the same size"
    ),
    "nll_bits_per_image": Metric("bit", False, "the prior's log-likelihood"),
    "bits_entropy_rank_correlation": Metric(
        "", None, "Spearman's, over the patches of a picture: their bits and their detail"
    ),
    "bits_error_rank_correlation": Metric(
        "", None, "Spearman's, over the patches of a picture: their bits and their error"
    ),
    "codes_per_image": Metric("", None, "codes of one image"),
    "fine_ratio": Metric("", None, "share of regions in the finest grain"),
    "grain_ratio": Metric("", None, "share of regions in one grain, 0 the coarsest"),
    "codebook_usage": Metric("", True, "share of the codebook in use over the whole set"),
    "codebook_perplexity": Metric("", True, "exp of the entropy of code use over the whole set"),
    "sampling_images_per_s": Metric("1/s", True, "prior and decoder together"),
    "prior_ms_per_image": Metric("ms", False, "drawing codes"),
    "decoder_ms_per_image": Metric("ms", False, "codes to pixels"),
    "peak_memory_bytes": Metric("B", False, "of training"),
    "parameters": Metric("", None, "learned by gradient, and codebook values"),
    "macs": Metric("", None, "multiply-adds to encode and decode one image"),
    "nearer_to_training_share": Metric(
        "", None, "probability that a sample lies nearer to its nearest training crop than a "
        "held-out image through the tokenizer, by features; 0.5 where alike, 1 where all are copies"
    ),
    "training_copies_share": Metric(
        "", False, "samples nearer to training than every held-out image; a few by chance"
    ),
    "nearer_to_training_codes_share": Metric("", None, "the same, near by equal codes"),
    "training_code_copies_share": Metric("", False, "the same, near by equal codes"),
    "bd_rate_percent": Metric("%", False, "mean difference in rate at equal distortion"),
    "floor_ratio": Metric("", False, "measured time over what the hardware allows"),
    "floor_ms_per_image": Metric("ms", False, "what the hardware allows at its measured rates"),
    "phase_floor_ms_per_image": Metric("ms", False, "the same of one phase of the prior"),
    "sampling_peak_memory_bytes": Metric("B", False, "of drawing and decoding a batch"),
    "first_draw_extra_s": Metric(
        "s", False, "by which the first draw of a batch size takes longer: capturing, compiling"
    ),
    "could_be_drawn": Metric("", True, "0 where a batch could not be drawn in the mode asked for"),
    "fits_memory": Metric("", True, "1 where a batch could be drawn and decoded, else 0"),
    "largest_batch": Metric(
        "", True, "images drawn together that fit, found to within an eighth; 0 where none does"
    ),
    "audit_passed": Metric(
        "", True, "1 where the codes of a timing are those that the teacher-forced pass demands"
    ),
    "energy_j_per_image": Metric("J", False, "of sampling, by the device's own meter"),
    "training_s": Metric("s", False, "wall clock"),
    "training_steps": Metric("", None, "optimizer steps"),
    "training_images": Metric("", None, "images of all steps, each as often as it came"),
}  # fmt: skip

INCEPTIONS = ("inception-v3-compat", "inception-v3-torchscript", "inception")
"""Extractors with the published Inception weights. Scores of no other are called FID."""

# Of Inception: what it is called of any other extractor, whether higher is better, its meaning.
# Names that begin as another one does stand before it.
_SCORES = {
    "fid_infinity": ("fd_infinity", False, "Fréchet distance extrapolated to infinite samples"),
    "fid_corrected": ("fd_corrected", False, "Fréchet distance less its bias"),
    "fid": ("fd", False, "Fréchet distance"),
    "sfid": ("sfid", False, "Fréchet distance of features that keep their places"),
    "kid": ("kid", False, "kernel distance"),
    "inception_score": ("is", True, "Inception-style score"),
    "precision": ("precision", True, "share among the reference's neighbours"),
    "recall": ("recall", True, "share of the reference among the neighbours"),
    "density": ("density", True, "neighbourhoods of the reference around each"),
    "coverage": ("coverage", True, "share of the reference's neighbourhoods that hold any"),
}  # fmt: skip

# What they cannot leave; a corrected distance and KID may be below zero.
_BOUNDS = {
    "precision": (0.0, 1.0), "recall": (0.0, 1.0), "coverage": (0.0, 1.0), "density": (0.0, inf),
    "inception_score": (1.0, inf), "fid": (0.0, inf), "sfid": (0.0, inf),
}  # fmt: skip

DISTORTIONS = ("psnr_db", "ssim", "ms_ssim", "lpips", "st_lpips")
"""Of single pictures."""

SAMPLED = frozenset(
    {
        "sampling_images_per_s", "prior_ms_per_image", "decoder_ms_per_image", "energy_j_per_image",
        "nearer_to_training_share", "training_copies_share",
        "nearer_to_training_codes_share", "training_code_copies_share",
    }
)  # fmt: skip

# What the clock and the memory meter say differs from run to run of the same experiment.
TIMINGS = frozenset(
    {
        "sampling_images_per_s", "prior_ms_per_image", "decoder_ms_per_image", "peak_memory_bytes",
        "sampling_peak_memory_bytes", "floor_ratio", "floor_ms_per_image",
        "phase_floor_ms_per_image", "first_draw_extra_s", "largest_batch", "training_s",
    }
)  # fmt: skip


def score_name(score: str, extractor: str, of: PictureSet = "samples") -> str:
    """What a fidelity score is called: "fid" of Inception, "fd_effnetlite0" of another extractor,
    "rfid" of reconstructions.

    Args:
        score: its name for Inception, such as "fid" or "precision".
    """
    prefix = "r" if of == "reconstructions" else ""
    if extractor in INCEPTIONS:
        return f"{prefix}{score}"
    if (extractor, score) == ("inception-v3-spatial", "fid"):
        return f"{prefix}sfid"
    return f"{prefix}{_SCORES[score][0]}_{extractor}"


def describe(name: str) -> Metric:
    """The metric of this name, fidelity scores as `score_name` calls them.

    Raises:
        ConfigError: no such metric.
    """
    if name in METRICS:
        return METRICS[name]
    stems: dict[PictureSet, str] = {"samples": name, "reconstructions": name.removeprefix("r")}
    for of, stem in stems.items():
        for score, (of_others, better, meaning) in _SCORES.items():
            if stem == score or stem.startswith(f"{of_others}_"):
                bounds = _BOUNDS.get(score, (-inf, inf))
                return Metric("", better, f"{meaning} of {of}", of, bounds)
    raise ConfigError(f"No metric is called {name!r}.{did_you_mean(name, [*METRICS, *_SCORES])}")


def is_of_samples(name: str) -> bool:
    """Whether the metric judges samples or times drawing them, so that it matters how."""
    return name in SAMPLED or describe(name).score_of == "samples"


def is_distortion(name: str) -> bool:
    """Whether the metric says how near pictures, or samples, are to the originals.

    Raises:
        ConfigError: no such metric.
    """
    return name in DISTORTIONS or describe(name).score_of is not None


def is_rate(name: str) -> bool:
    """Whether the metric says how many bits codes take."""
    return name.startswith("rate_") or name == "nll_bits_per_image"


def is_timing(name: str) -> bool:
    """Whether the metric is read off a clock or a memory meter."""
    return name in TIMINGS
