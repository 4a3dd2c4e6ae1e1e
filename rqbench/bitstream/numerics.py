"""The arithmetic that coding and decoding must share to the last bit."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from ..errors import UnsupportedError
from ..prior import Prior
from .probe import arithmetic_digest

CODER = 1
"""Goes up with any change of the coder that gives other frequencies or another order."""

DEVICES = ("cpu", "cuda")
CAPABILITIES = ("DEFAULT", "NO AVX", "AVX2", "AVX512", "VSX", "Z VECTOR", "SVE256")
UNKNOWN_CAPABILITY = 255


@dataclass(frozen=True)
class Numerics:
    """Where codes were coded, as far as it decides bits.

    Attributes:
        torch_version: its three numbers.
        device: a place in DEVICES.
        capability: the vector instructions that torch uses, a place in CAPABILITIES; of a GPU its
            compute capability, 90 for 9.0.
        fingerprint: 4 bytes of a SHA-256 over these and what has no room in a header, the last bits
            of a small computation among it.
    """

    torch_version: tuple[int, int, int]
    device: int
    capability: int
    fingerprint: bytes

    def __str__(self) -> str:
        version = ".".join(map(str, self.torch_version))
        return f"torch {version} on {self.device_name} ({self._capability_name()})"

    @property
    def device_name(self) -> str:
        return DEVICES[self.device] if self.device < len(DEVICES) else f"device {self.device}"

    def _capability_name(self) -> str:
        if self.device_name == "cuda":
            return f"compute capability {self.capability / 10}"
        known = self.capability < len(CAPABILITIES)
        return CAPABILITIES[self.capability] if known else "unknown instructions"


def numerics_of(device: torch.device, block: int) -> Numerics:
    """The numerics of this machine.

    Args:
        block: images coded together; sums over a batch of another size may round otherwise.

    Raises:
        UnsupportedError: a kind of device that has no number in the format.
    """
    if device.type not in DEVICES:
        raise UnsupportedError(
            f"Codes are coded on {' or '.join(DEVICES)}, not on {device.type}. Use --device cpu."
        )
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        capability = 10 * properties.major + properties.minor
        libraries = [properties.name, str(torch.version.cuda)]
    else:
        name = torch.backends.cpu.get_cpu_capability()
        capability = CAPABILITIES.index(name) if name in CAPABILITIES else UNKNOWN_CAPABILITY
        libraries = [name]
    with pinned(device):
        libraries.append(arithmetic_digest(device, block))
    facts = [str(torch.__version__), device.type, libraries, "float32", CODER, block]
    digest = hashlib.sha256(json.dumps(facts).encode()).digest()
    release = re.match(r"(\d+)\.(\d+)\.(\d+)", torch.__version__)
    assert release is not None  # so are all versions of torch written
    major, minor, patch = map(int, release.groups())
    kind = DEVICES.index(device.type)
    return Numerics((major, minor, patch), kind, capability, digest[:4])


def check_precision(prior: Prior) -> torch.device:
    """Where a prior is.

    Raises:
        UnsupportedError: weights that are not in single precision.
    """
    assert not prior.training  # dropout would give the decoder other logits
    weights = list(prior.parameters())
    if any(weight.dtype != torch.float32 for weight in weights):
        raise UnsupportedError("Codes are coded in single precision. Pass prior.float().")
    return weights[0].device


@contextmanager
def pinned(device: torch.device) -> Iterator[None]:
    """One thread, deterministic algorithms, single precision throughout."""
    # without it torch refuses to multiply matrices deterministically on a GPU
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    threads, precision = torch.get_num_threads(), torch.get_float32_matmul_precision()
    strictness = torch.get_deterministic_debug_mode()
    torch.set_num_threads(1)
    torch.set_float32_matmul_precision("highest")
    torch.set_deterministic_debug_mode("error")  # unlike its namesake it loads no compiler
    try:
        with torch.no_grad(), torch.autocast(device.type, enabled=False):
            yield
    finally:
        torch.set_deterministic_debug_mode(strictness)
        torch.set_float32_matmul_precision(precision)
        torch.set_num_threads(threads)
