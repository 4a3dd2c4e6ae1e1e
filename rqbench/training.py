"""Training settings of both stages, and the learning rate they give at each step."""

import math
from typing import Literal

from pydantic import Field

from .config import Config


class Training(Config):
    """What every training has: how long, how fast, how careful."""

    steps: int = Field(
        1000, ge=1, description="optimizer steps; training ends by count, never by clock"
    )
    batch_size: int = Field(16, ge=1)
    learning_rate: float = Field(1e-3, gt=0, description="the peak, after warm-up")
    warmup_steps: int = Field(50, ge=0, description="linear rise from 0")
    schedule: Literal["cosine", "constant"] = "cosine"
    final_share: float = Field(0.0, ge=0, le=1, description="of the peak rate, where cosine ends")
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = Field(0.0, ge=0, description="decoupled (AdamW); matrices only")
    clip_norm: float | None = Field(1.0, gt=0, description="of the whole gradient; None: unclipped")
    ema_decay: float = Field(0.99, ge=0, lt=1, description="of the averaged weights; 0: no average")
    precision: Literal["float32", "bfloat16"] = Field(
        "float32", description="bfloat16: autocast on CUDA; parameters stay float32"
    )
    log_every: int = Field(20, ge=1, description="steps a line of the training log")
    checkpoint_every: int = Field(
        100, ge=1, description="steps; rounded up to whole log lines, so that a resumed log agrees"
    )

    def learning_rate_at(self, step: int) -> float:
        """The rate of this step, counted from 0."""
        if step < self.warmup_steps:
            return self.learning_rate * (step + 1) / (self.warmup_steps + 1)
        if self.schedule == "constant":
            return self.learning_rate
        done = (step - self.warmup_steps) / max(self.steps - self.warmup_steps, 1)
        share = self.final_share + (1 - self.final_share) * (1 + math.cos(math.pi * done)) / 2
        return self.learning_rate * share

    @property
    def checkpoint_steps(self) -> int:
        """`checkpoint_every`, rounded up to a multiple of `log_every`."""
        return math.ceil(self.checkpoint_every / self.log_every) * self.log_every


class TokenizerTraining(Training):
    """Training of a tokenizer on crops."""

    pixel_loss: Literal["l1", "mse"] = "mse"
    pixel_weight: float = Field(1.0, ge=0)
    perceptual_weight: float = Field(
        0.0, ge=0, description="of LPIPS where its weights are at hand, ST-LPIPS otherwise; 0: none"
    )
    calibration_crops: int = Field(
        256,
        ge=1,
        description="training crops that a tokenizer may look at before and after training",
    )


class PriorTraining(Training):
    """Training of a prior on the stored codes of training crops."""

    crops: int = Field(
        2048, ge=1, description="training crops that are encoded once, for all priors"
    )
