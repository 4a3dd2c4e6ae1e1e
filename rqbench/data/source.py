"""From a config to data."""

from pathlib import Path

from .config import DataConfig
from .file_images import FileImages
from .folder import Folder
from .huggingface import HuggingFace
from .image_data import ImageData
from .photos import Photos


def open_data(config: DataConfig) -> ImageData:
    """Find, check and split the images that a config names.

    Raises:
        DataError: no such source, no images in it, or one that cannot be used (a BadImageError).
        UnsupportedError: a Hugging Face source without the package `datasets`.
    """
    if config.source == "photos":
        return Photos(config)
    if config.source.startswith("hf:"):
        return FileImages(HuggingFace(config.source, config.labels), config)
    return FileImages(Folder(Path(config.source), config.labels), config)
