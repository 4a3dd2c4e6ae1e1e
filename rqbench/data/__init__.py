"""Data: real images as square crops, the same for every system and on every machine."""

from .batch import Batch, HeldOut, to_bytes, to_float
from .config import DataConfig
from .image_data import ImageData
from .images import BadImageError, read_image
from .source import open_data

__all__ = [
    "BadImageError",
    "Batch",
    "DataConfig",
    "HeldOut",
    "ImageData",
    "open_data",
    "read_image",
    "to_bytes",
    "to_float",
]
