"""Which part of a picture is measured, and at what size."""

from typing import Literal

from jaxtyping import UInt8
from numpy import ndarray
from PIL import Image
from pydantic import Field, model_validator

from ..config import Config
from .images import BadImageError, planes

FILTERS = {
    "lanczos": Image.Resampling.LANCZOS, "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR, "box": Image.Resampling.BOX,
}  # fmt: skip


class Crop(Config):
    """How a file becomes the picture that is measured. The default is how the authors of RQ and DQ
    evaluate; with `antialias` false it is how those of VQGAN do."""

    kind: Literal["resize-center", "center", "whole"] = Field(
        "resize-center",
        description="the centre, after the shorter side was resized to the resolution; the centre "
        "as it is; or everything",
    )
    resolution: int | None = Field(
        None, ge=1, description="side of the square in pixels; None for the model's own"
    )
    filter: Literal["lanczos", "bicubic", "bilinear", "box"] = "bilinear"
    antialias: bool = Field(
        True, description="widen the filter when it shrinks, as Pillow does and OpenCV does not"
    )

    @model_validator(mode="after")
    def _filter_exists(self) -> "Crop":
        if not self.antialias and self.filter in ("lanczos", "box"):
            raise ValueError(f"the filter {self.filter!r} is never without antialias")
        return self

    def clauses(self) -> dict[str, str | int | float]:
        """What protocols say of it."""
        match self.kind:
            case "whole":
                return {"crop": "whole pictures"}
            case "center":
                return {"crop": f"centre square of {self.resolution} px, not resized"}
            case "resize-center":
                return {
                    "crop": f"centre square, the shorter side resized to {self.resolution} px",
                    "filter": self.filter,
                    "antialias": "yes" if self.antialias else "no",
                }


def cut(picture: Image.Image, crop: Crop, name: str) -> UInt8[ndarray, "3 H W"]:
    """The pixels to measure.

    Sizes and places are rounded as torchvision's Resize and CenterCrop do.

    Raises:
        BadImageError: a picture that is too small for its centre.
    """
    if crop.kind == "whole":
        return planes(picture)
    side = crop.resolution
    assert side is not None  # the evaluation fills in the model's own
    if crop.kind == "resize-center":
        picture = _resized(picture, side, crop)
    width, height = picture.size
    if min(width, height) < side:
        raise BadImageError(name, f"{width} x {height} pixels have no centre of {side} x {side}")
    left, top = round((width - side) / 2), round((height - side) / 2)
    return planes(picture.crop((left, top, left + side, top + side)))


def _resized(picture: Image.Image, side: int, crop: Crop) -> Image.Image:
    """With its shorter side so long, and the other at least as long."""
    shorter = min(picture.size)
    if shorter == side:
        return picture
    width, height = (side * length // shorter for length in picture.size)
    resampling = FILTERS[crop.filter]
    if crop.antialias:
        return picture.resize((width, height), resampling)
    everything = (0, 0, *picture.size)
    return picture.transform((width, height), Image.Transform.EXTENT, everything, resampling)
