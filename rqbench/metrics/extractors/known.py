"""What is known of a network before its weights are at hand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from torch import nn

from ..feature_protocol import FeatureProtocol
from ..libraries import Library
from ..published_weights import FoundWeights, PublishedWeights


@dataclass(frozen=True)
class KnownExtractor:
    """
    Attributes:
        title: for people.
        dim: width of its features.
        num_classes: width of its logits; 0 where it tells no classes, so that there is no IS.
        weights: where its file may lie.
        natural: the clauses under which its publisher runs it.
        code: the library whose code the network runs; None where it is ours or the file's own.
        resizes: whether pictures of any size go into it: never, always, or as the protocol says.
        build: weights to a network in eval mode on the CPU, which takes a batch of prepared
            pictures (8-bit, or floats of 0 to 255) and gives features and logits.
    """

    title: str
    dim: int
    num_classes: int
    weights: PublishedWeights
    natural: FeatureProtocol
    build: Callable[[FoundWeights, FeatureProtocol], nn.Module]
    code: Library | None = None
    resizes: Literal["never", "always", "either"] = "never"
