"""Rate and distortion of a tokenizer on a folder of images: `rqbench evaluate`, and for Python."""

from ..data.crop import Crop
from .evaluate import Evaluation, evaluate
from .subject import Subject, load_subject

__all__ = ["Crop", "Evaluation", "Subject", "evaluate", "load_subject"]
