"""The clauses that decide what features a picture gets."""

from typing import Literal

from pydantic import Field

from rqbench.config import Config

Pixels = Literal["round", "truncate", "float"]


class FeatureProtocol(Config):
    """How a picture becomes features. The defaults are torch-fidelity's."""

    pixels: Pixels = Field(
        "round",
        description="how floats in [0, 1] become what the network sees: rounded to 8 bits, cut "
        "down to 8 bits, or as they are; files of 8 bits stay as they are",
    )
    resize: str = Field("tf1-bilinear", description="how pictures come to the network's size")
    side: int = Field(299, ge=32, description="pixels a side that the network sees")
    normalise: str = Field("(x-128)/128", description="of x from 0 to 255, what the network sees")
    extractor: str = Field("inception-v3-compat", description="the network, by name")
    logits: Literal["without bias", "with bias", "none"] = Field(
        "without bias", description="class logits for the Inception score: of the last layer"
    )
