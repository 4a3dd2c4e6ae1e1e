"""The perceptual distance at hand: LPIPS where its trunk is cached, ST-LPIPS otherwise."""

import re
import warnings
from dataclasses import dataclass

from torch import Tensor

from rqbench.errors import DamagedFileError

from .libraries import library
from .published_weights import PublishedWeights, find_weights, in_torch_cache, is_ready
from .shift_tolerant import MIN_SIDE, ShiftTolerantAlexNet
from .taps import TapDistance
from .weights import checked_sha256, load_weights, packaged_file

ST_LPIPS_SHA256 = "b356b382f96010f77d085ee8343ecd9fd322d0a56e8de2b2d0549fafcad8b9ee"
_LPIPS_MIN_SIDE = 32
_TORCHVISION = "https://download.pytorch.org/models"
LPIPS_TRUNKS = {
    net: PublishedWeights(digits, in_torch_cache(name), f"{_TORCHVISION}/{name}")
    for net, name, digits in (
        ("alex", "alexnet-owt-7be5be79.pth", "7be5be79"), ("vgg", "vgg16-397923af.pth", "397923af"),
    )
}  # fmt: skip
"""Whose classifiers LPIPS looks through, the preferred one first."""


@dataclass(frozen=True)
class Perceptual:
    """A perceptual distance and what to call it.

    Attributes:
        metric: name in records: "lpips" or "st_lpips". They are different scales.
        description: for tables and protocols, such as "ST-LPIPS (alex)".
        weights_sha256: of the trunk's file; for ST-LPIPS the heads lie in the same one.
        min_side: pixels; smaller images are refused.
        distance: (images, reconstructions) in [0, 1] to one number a pair, differentiable with
            respect to the reconstructions.
    """

    metric: str
    description: str
    weights_sha256: str
    min_side: int
    distance: TapDistance


def find_perceptual() -> Perceptual:
    """LPIPS (AlexNet before VGG) if torch's cache already has the trunk; otherwise ST-LPIPS.

    Nothing is downloaded. To have LPIPS, let torchvision fetch `alexnet` once.

    Raises:
        UnsupportedError: neither is there.
        DamagedFileError: weights other than the published ones.
    """
    for net, trunk in LPIPS_TRUNKS.items():
        if is_ready(trunk):
            found = find_weights(trunk, f"LPIPS ({net})")
            distance = lpips_distance(net, load_weights(found.path), _LPIPS_MIN_SIDE)
            described = f"LPIPS ({net}, v0.1)"
            return Perceptual("lpips", described, found.sha256, _LPIPS_MIN_SIDE, distance)
    path = packaged_file(
        "stlpips_pytorch", "stlpips-pytorch", "weights/vST0.0/alex_shift_tolerant.pth"
    )
    sha256 = checked_sha256(path, ST_LPIPS_SHA256)
    distance = st_lpips_distance(load_weights(path))
    return Perceptual("st_lpips", "ST-LPIPS (alex)", sha256, MIN_SIDE, distance)


def st_lpips_distance(weights: dict[str, Tensor]) -> TapDistance:
    """ST-LPIPS from the tensors of its authors' checkpoint, every one of which has its place.

    Raises:
        DamagedFileError: a tensor too many, too few or of another shape.
    """
    rest = {
        name: tensor for name, tensor in weights.items() if not name.startswith("scaling_layer")
    }
    heads = [rest.pop(name) for name in sorted(rest) if name.startswith("lin")]
    trunk = ShiftTolerantAlexNet()
    first = {"1": 0, "2": 3, "3": 7, "4": 11, "5": 13}  # its layers are numbered through
    renamed = {
        re.sub(
            r"^net\.slice(\d)\.(\d+)\.",
            lambda match: f"slice{match[1]}.{int(match[2]) - first[match[1]]}.",
            name,
        ): tensor
        for name, tensor in rest.items()
    }
    try:
        trunk.load_state_dict(renamed)
    except RuntimeError as error:
        raise DamagedFileError(f"The weights of ST-LPIPS do not fit: {error}") from None
    return TapDistance(trunk, heads, MIN_SIDE)


def lpips_distance(net: str, trunk_weights: dict[str, Tensor], min_side: int) -> TapDistance:
    """LPIPS v0.1 with the heads that ship in the lpips package on a given trunk.

    Args:
        net: "alex" or "vgg".
        trunk_weights: torchvision's ImageNet classifier, of which only `features` is used.
        min_side: pixels; below it the trunk cannot run.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it builds the trunk by an old keyword of torchvision
        model = library("lpips").LPIPS(net=net, pnet_rand=True, verbose=False)
    for name, parameter in model.net.named_parameters():  # slice2.3.weight is features.3.weight
        layer = name.split(".", 1)[1]
        parameter.data.copy_(trunk_weights[f"features.{layer}"])
    return TapDistance(model.net, [head.model[-1].weight for head in model.lins], min_side)
