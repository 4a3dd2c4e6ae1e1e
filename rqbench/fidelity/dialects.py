"""Dialects: protocols in which other projects publish their numbers, and how each is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rqbench.metrics.extractors.lite import LITE

from .protocol import FidelityProtocol

TORCH_FIDELITY_CODE = "torch-fidelity 0.4.0, read; features compared in tests"
CLEAN_FID_CODE = "clean-fid 0.1.35, read; features compared in tests"
RQ_CODE = "the released code of rq-vae-transformer, read"
TAMING_CODE = "the released code of taming-transformers, read"
MEMORY = "from memory, unverified"
OURS = "rqbench's choice: the source has no such score"
HERE = "rqbench itself"


@dataclass(frozen=True)
class Dialect:
    """
    Attributes:
        known_by: where its clauses were found, unless `known` says otherwise of one.
        known: by clause.
        note: what a user of it should know.
    """

    protocol: FidelityProtocol
    known_by: str
    known: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def source(self, clause: str) -> str:
        """Where a clause was found."""
        return self.known.get(clause, self.known_by)

    @property
    def unverified(self) -> list[str]:
        """The clauses that nobody has checked."""
        return [clause for clause in self.protocol.clauses if self.source(clause) == MEMORY]

    @property
    def standing(self) -> str:
        """How far it can be trusted, in a few words."""
        if not self.unverified:
            return "verified"
        whole = len(self.unverified) == len(self.protocol.clauses)
        return MEMORY if whole else f"unverified: {', '.join(self.unverified)}"


def _ours(*clauses: str) -> dict[str, str]:
    return dict.fromkeys(clauses, OURS)


_SPLIT = ("is_splits", "is_split_size", "is_shuffle", "is_seed")
_NO_INCEPTION_SCORE = _ours("logits", *_SPLIT, "neighbours")
_KERNEL = ("kid_subsets", "kid_subset_size", "kid_seed")

_ALL = (
    Dialect(
        FidelityProtocol(id="torch-fidelity", title="torch-fidelity's own command"),
        TORCH_FIDELITY_CODE,
        note="Its precision and recall are of VGG16 features unless it is given an extractor; here "
        "they are of the same features as FID.",
    ),
    Dialect(
        FidelityProtocol(
            id="clean", title="clean-fid, mode clean", extractor="inception-v3-torchscript",
            resize="pil-bicubic", logits="none",
        ),
        CLEAN_FID_CODE,
        _NO_INCEPTION_SCORE | {"kid_seed": "rqbench's choice: clean-fid draws without a seed"},
        "It has no Inception score.",
    ),
    Dialect(
        FidelityProtocol(
            id="legacy-pytorch", title="clean-fid, mode legacy_pytorch: what pytorch-fid does",
            resize="torch-bilinear", normalise="2x/255-1",
        ),
        CLEAN_FID_CODE,
        _NO_INCEPTION_SCORE | {"kid_seed": "rqbench's choice: clean-fid draws without a seed"},
        "Without antialias: large pictures are resized with aliasing.",
    ),
    Dialect(
        FidelityProtocol(
            id="legacy-tensorflow", title="clean-fid, mode legacy_tensorflow: the first FID code",
            extractor="inception-v3-torchscript", resize="network", normalise="network",
            logits="none",
        ),
        CLEAN_FID_CODE,
        _NO_INCEPTION_SCORE | {"kid_seed": "rqbench's choice: clean-fid draws without a seed"},
        "It has no Inception score.",
    ),
    Dialect(
        FidelityProtocol(
            id="adm", title="guided-diffusion's evaluator", pixels="truncate",
            is_split_size=5000, is_shuffle=False,
            reference="npz with mu and sigma of the training set, and pictures for precision and "
            "recall", files="npz, arr_0 of N H W 3, 8-bit", num_samples=50000,
        ),
        MEMORY,
        _ours(*_KERNEL)
        | {
            "is_splits": "not used: is_split_size is given", "is_seed": "not used: no shuffle",
            "extractor": "torch-fidelity's Inception for the TensorFlow graph that it was made of",
            "resize": TORCH_FIDELITY_CODE, "normalise": TORCH_FIDELITY_CODE,
            "side": TORCH_FIDELITY_CODE,
        },
        "Give the samples in the order in which they were drawn: they are not shuffled.",
    ),
    Dialect(
        FidelityProtocol(
            id="adm-spatial", title="guided-diffusion's evaluator, sFID", pixels="truncate",
            extractor="inception-v3-spatial", logits="none",
            reference="npz with mu_s and sigma_s of the training set",
            files="npz, arr_0 of N H W 3, 8-bit", num_samples=50000,
        ),
        MEMORY,
        _ours(*_KERNEL, *_SPLIT, "logits", "neighbours"),
        "Only its Fréchet distance, sFID, is published.",
    ),
    Dialect(
        FidelityProtocol(
            id="rq", title="RQ-Transformer's evaluation", pixels="float", resize="torch-bilinear",
            normalise="2x/255-1", logits="with bias", reference="statistics of the training set",
            files="arrays of floats in [0, 1]", classes="50 of each, in order", num_samples=50000,
        ),
        RQ_CODE,
        _ours(*_KERNEL, "is_seed", "neighbours")
        | {"logits": MEMORY, "is_shuffle": MEMORY},
        "Pictures that were saved with 8 bits have lost what this protocol keeps.",
    ),
    Dialect(
        FidelityProtocol(
            id="taming", title="VQGAN's evaluation: files cut down to 8 bits, then torch-fidelity",
            pixels="truncate", files="8-bit PNG, one folder a class", num_samples=50000,
        ),
        TORCH_FIDELITY_CODE,
        {"pixels": TAMING_CODE, "files": TAMING_CODE, "num_samples": TAMING_CODE},
        "For folders in folders torch-fidelity's command needs --samples-find-deep.",
    ),
    Dialect(
        FidelityProtocol(
            id="truncate", title="torch-fidelity on floats that are cut down to 8 bits",
            pixels="truncate",
        ),
        TORCH_FIDELITY_CODE,
        {"pixels": HERE},
        "It differs from torch-fidelity for pictures in memory only: files have 8 bits already.",
    ),
    Dialect(
        FidelityProtocol(
            id="offline", title="without Inception: EfficientNet-Lite0, as `rqbench compare`",
            **LITE.natural.model_dump(),
        ),
        HERE,
        note="Its scores carry the extractor's name and are not FID.",
    ),
)  # fmt: skip

DIALECTS: dict[str, Dialect] = {dialect.protocol.id: dialect for dialect in _ALL}

ALIASES = {"legacy": "legacy-pytorch"}
"""clean-fid has two legacy modes; the PyTorch one is what most papers ran."""
