"""The protocols of an experiment's numbers: what exactly was measured."""

from ..bitstream.numerics import CODER
from ..choice import Sampling
from ..metrics.extractor import Extractor
from ..metrics.patches import NUM_BINS
from ..metrics.perceptual import Perceptual
from ..metrics.protocol import Protocol
from .setting import Setting

PIXELS = "float in [0, 1], reconstructions clamped"
STREAMS: dict[str, str | int] = {"bytes": "streams without headers, read back", "coder": CODER}


def distortion_protocol(setting: Setting) -> Protocol:
    """Per-image distances between held-out crops and their reconstructions."""
    return Protocol(id="held-out-crops", clauses={**_crops(setting), "pixels": PIXELS})


def perceptual_protocol(setting: Setting, perceptual: Perceptual) -> Protocol:
    """The same, by a network."""
    network = {"network": perceptual.description, "weights_sha256": perceptual.weights_sha256}
    return Protocol(
        id="held-out-crops-perceptual", clauses={**_crops(setting), "pixels": PIXELS, **network}
    )


def rate_protocol(setting: Setting, fit_crops: int) -> Protocol:
    """Bits of held-out crops; models of codes are fitted on training crops."""
    return Protocol(id="held-out-bits", clauses={**_crops(setting), "training_crops": fit_crops})


def coded_protocol(setting: Setting, fit_crops: int) -> Protocol:
    """Bytes of the codes of some held-out crops."""
    clauses = rate_protocol(setting, fit_crops).clauses
    clauses |= {"coded": setting.experiment.measure.coded, "chosen": "of all clusters", **STREAMS}
    return Protocol(id="held-out-streams", clauses=clauses)


def bit_map_protocol(setting: Setting, prior: str | None, patch_px: int) -> Protocol:
    """Bits of the patches of held-out crops beside their detail and error; nominal ones without a
    prior."""
    clauses = {**_crops(setting), **patch_clauses(patch_px, "prior" if prior else "nominal")}
    if prior:
        clauses |= {"training_crops": setting.experiment.prior_training(prior).crops}
    return Protocol(id="held-out-patches", clauses=clauses)


def patch_clauses(patch_px: int, rate: str) -> dict[str, str | int]:
    """What is compared, patch by patch."""
    detail = f"entropy of gray levels in {NUM_BINS} bins"
    return {"rate": rate, "patch_px": patch_px, "pixels": "8-bit", "detail": detail}


def usage_protocol(setting: Setting, crops: int) -> Protocol:
    """Statistics of the codes of training crops."""
    return Protocol(
        id="training-codes", clauses={"data": setting.data.digest[:12], "training_crops": crops}
    )


def reconstruction_protocol(setting: Setting, extractor: Extractor, n: int) -> Protocol:
    """Scores of the set of all reconstructions against the held-out crops."""
    clauses = {**_crops(setting), **extractor.clauses, "n": n}
    return Protocol(id=f"{extractor.name}-reconstructions", clauses=clauses)


def sample_protocol(setting: Setting, extractor: Extractor, n: int, sampling: Sampling) -> Protocol:
    """Scores of a set of samples against the held-out crops."""
    clauses = {**_crops(setting), **extractor.clauses, "n": n, **_drawn(setting, sampling)}
    return Protocol(id=f"{extractor.name}-samples", clauses=clauses)


def nearest_features_protocol(
    setting: Setting, extractor: Extractor, n: int, sampling: Sampling, num_crops: int
) -> Protocol:
    """Distances of samples, and of the held-out crops, to the prior's training crops."""
    clauses = sample_protocol(setting, extractor, n, sampling).clauses
    clauses |= {"training_crops": num_crops, "distance": "Euclidean"}
    clauses |= {"beside": "held-out images through the same tokenizer"}
    return Protocol(id=f"{extractor.name}-nearest-training", clauses=clauses)


def nearest_codes_protocol(
    setting: Setting, n: int, sampling: Sampling, num_crops: int
) -> Protocol:
    """The same by codes, which no extractor sees."""
    clauses = {**_crops(setting), "n": n, **_drawn(setting, sampling)}
    clauses |= {"training_crops": num_crops, "distance": "share of codes that differ"}
    return Protocol(id="nearest-training-codes", clauses=clauses)


def cost_protocol(setting: Setting) -> Protocol:
    """Time, memory and size of models."""
    return Protocol(
        id="cost",
        clauses={"device": setting.device.partition(":")[0], "resolution": setting.resolution},
    )


def _crops(setting: Setting) -> dict[str, str | int]:
    return {
        "data": setting.data.digest[:12],
        "split": setting.data.split,
        "resolution": setting.resolution,
        "held_out": setting.experiment.data.held_out,
    }


def _drawn(setting: Setting, sampling: Sampling) -> dict[str, str | int]:
    """How samples were drawn."""
    balance = "none" if setting.condition is None else "equal shares"
    settings = {f"sampling_{name}": str(value) for name, value in sampling.model_dump().items()}
    return {"classes": balance, **settings}
