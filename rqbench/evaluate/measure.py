"""Rate and distortion of one batch of pictures."""

from dataclasses import dataclass

import torch
from jaxtyping import Int, UInt8
from torch import Tensor

from ..codes import Codes
from ..data import to_bytes, to_float
from ..metrics.distances import distances_for
from ..metrics.perceptual import Perceptual
from ..metrics.rate import nominal_rates
from ..metrics.usage import count_codes, fine_ratio
from ..tokenizer import Tokenizer


@dataclass(frozen=True)
class Measured:
    """What was found for a batch.

    Attributes:
        values: by metric, one for each image.
        counts: Int[g d k], how often each code came.
        reconstructions: UInt8[b 3 H W].
    """

    values: dict[str, list[float]]
    counts: Int[Tensor, "g d k"]
    reconstructions: UInt8[Tensor, "b 3 H W"]


@torch.no_grad()
def measure(
    tokenizer: Tokenizer,
    perceptual: Perceptual,
    pixels: UInt8[Tensor, "b 3 H W"],
    device: str,
) -> tuple[Measured, Codes]:
    """Encode, decode and compare; the codes, on the CPU, are for a prior's rate."""
    images = to_float(pixels.to(device))
    codes = tokenizer.encode(images)
    restored = tokenizer.decode(codes)
    codes = codes.to("cpu")
    height, width = pixels.shape[2:]
    found: dict[str, Tensor] = {
        **nominal_rates(codes, height * width),
        "codes_per_image": codes.num_codes(),
    }
    if codes.layout.is_dynamic:
        found["fine_ratio"] = fine_ratio(codes)
    for metric, distance in distances_for(min(height, width), perceptual).items():
        found[metric] = distance(images, restored)
    values = {metric: value.double().cpu().tolist() for metric, value in found.items()}
    return Measured(values, count_codes(codes), to_bytes(restored).cpu()), codes
