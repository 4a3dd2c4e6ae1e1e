"""How large the models of a question are: one description for all questions of an experiment."""

from typing import Any

from pydantic import Field, field_validator

from rqbench.api import Config

from ..transformer import TransformerConfig

SET_BY_QUESTIONS = {
    "codebook_size": "scale.codebook_size", "depth": "scale.depth", "conv": "scale.conv",
    "resolution": "data.resolution",
}  # fmt: skip
"""Keys of tokenizers, which controls hold equal or solve for, and where a user says them."""


class Scale(Config):
    """The reference is VQ on the coarse grid with `conv` as it stands, and the raster prior.

    What is compared with them has its own channels and hidden layers solved for, so that
    multiply-adds and parameters agree. Mappings are configs of the plug-ins, which check them.
    """

    codebook_size: int = Field(256, gt=1, description="k of every tokenizer that is not said else")
    depth: int = Field(4, gt=1, description="codes that RQ stacks at a position")
    conv: dict[str, Any] = Field(description="encoder and decoder of the coarse grid")
    fine_res_blocks: int | None = Field(
        None, ge=1, description="num_res_blocks of a finer grid's halves, which have fewer levels"
    )
    quantizer: dict[str, Any] = Field(
        default_factory=dict, description="further config of all tokenizers"
    )
    rq: dict[str, Any] = Field(default_factory=dict, description="of RQ alone")
    dq: dict[str, Any] = Field(default_factory=dict, description="of DQ alone")
    transformer: TransformerConfig = Field(TransformerConfig(), description="of all priors")
    raster: dict[str, Any] = Field(default_factory=dict, description="of the raster prior")
    depth_stacked: dict[str, Any] = Field(default_factory=dict, description="of that prior")
    coarse_to_fine: dict[str, Any] = Field(default_factory=dict, description="of that prior")

    @field_validator("conv")
    @classmethod
    def _says_its_size(cls, conv: dict[str, Any]) -> dict[str, Any]:
        missing = [key for key in ("channels", "multipliers", "embedding") if key not in conv]
        if missing:
            raise ValueError(f"it must say {', '.join(missing)}, which controls are measured by")
        return conv

    @field_validator("quantizer", "rq", "dq")
    @classmethod
    def _leaves_to_questions_what_they_set(cls, config: dict[str, Any]) -> dict[str, Any]:
        for key, where in SET_BY_QUESTIONS.items():
            if key in config:
                raise ValueError(f"questions set {key} from {where}; leave it out here")
        return config

    @field_validator("depth_stacked", "coarse_to_fine")
    @classmethod
    def _leaves_the_solved_open(cls, config: dict[str, Any]) -> dict[str, Any]:
        if "mlp_width" in config:
            raise ValueError("mlp_width is solved for, so that parameters agree; leave it out")
        return config
