"""What data an experiment uses, and how pictures become square crops."""

from typing import Annotated

from pydantic import Field

from ..config import Config


class DataConfig(Config):
    """Everything that decides which crops a run sees."""

    source: str = Field(
        "photos",
        description="'photos' (embedded), the path of a folder of images (./photos for one of that "
        "name), or 'hf:NAME[:SUBSET][#TRAIN[,HELD_OUT]]' for a Hugging Face data set",
    )
    resolution: int = Field(64, ge=8, description="side of a crop in pixels")
    held_out: int = Field(
        256, ge=1, description="held-out crops; of files at most one each, so there may be fewer"
    )
    scales: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        (1.0, 1.5, 2.0, 3.0), min_length=1, description="photos: source pixels per crop pixel"
    )
    held_out_share: float = Field(
        0.1, gt=0, lt=1, description="files without a test split: the part that is held out"
    )
    flip: bool = Field(True, description="mirror every other training crop; off for digits, say")
    labels: bool = Field(True, description="files: take class sub-folders or a class column")
    skip_bad: bool = Field(False, description="leave out files that cannot be used, and list them")
    workers: int = Field(0, ge=0, description="processes that decode; they change no byte")
