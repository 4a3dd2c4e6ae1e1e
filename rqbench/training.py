"""Training settings of both stages, and the learning rate they give at each step."""

import math
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from .config import Config


class Training(Config):
    """What every training has: how long, how fast, how careful."""

    key: ClassVar[str] = "training"
    """Where an experiment keeps it, for messages."""

    steps: int = Field(
        1000, ge=1, description="optimizer steps; training ends by count, never by clock"
    )
    batch_size: int = Field(16, ge=1)
    accumulation: int = Field(
        1, ge=1, description="parts of a batch that run one after the other, for want of memory"
    )
    learning_rate: float = Field(1e-3, gt=0, description="the peak, after warm-up")
    warmup_steps: int = Field(50, ge=0, description="linear rise from 0")
    schedule: Literal["cosine", "constant"] = "cosine"
    final_share: float = Field(0.0, ge=0, le=1, description="of the peak rate, where cosine ends")
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = Field(
        0.0, ge=0, description="decoupled, as AdamW has it; with 0 this is Adam"
    )
    weight_decay_on: Literal["matrices", "linear", "all"] = Field(
        "matrices",
        description="linear: weights of linear layers, no tables (VQGAN's and DQ's priors, after "
        "minGPT); all: every parameter (the RQ-Transformer's released optimizer)",
    )
    clip_norm: float | None = Field(1.0, gt=0, description="of the whole gradient; None: unclipped")
    ema_decay: float = Field(0.99, ge=0, lt=1, description="of the averaged weights; 0: no average")
    precision: Literal["float32", "bfloat16"] = Field(
        "float32", description="bfloat16: autocast on CUDA; parameters stay float32"
    )
    log_every: int = Field(20, ge=1, description="steps a line of the training log")
    checkpoint_every: int = Field(
        100, ge=1, description="steps; rounded up to whole log lines, so that a resumed log agrees"
    )

    @model_validator(mode="after")
    def _parts_are_equal(self) -> "Training":
        if self.batch_size % self.accumulation:
            raise ValueError(
                f"batch_size {self.batch_size} does not divide into accumulation "
                f"{self.accumulation} equal parts. Set {self.key}.accumulation=1, or another "
                f"divisor of the batch, or {self.key}.batch_size={self.accumulation} or a multiple"
            )
        return self

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
    def num_images(self) -> int:
        """Images of all steps, each as often as it comes."""
        return self.steps * self.batch_size

    @property
    def checkpoint_steps(self) -> int:
        """`checkpoint_every`, rounded up to a multiple of `log_every`."""
        return math.ceil(self.checkpoint_every / self.log_every) * self.log_every


class AdversarialTraining(Config):
    """A discriminator that learns to tell reconstructions from images, and what it weighs.

    Published: VQGAN has the defaults (Esser et al. 2021, arXiv:2012.09841); RQ-VAE 2 layers, both
    weights 0.75, and `reconstructions` reused (Lee et al. 2022, arXiv:2203.01941); DQ-VAE a weight
    of 1 with the cap 0.75 (Huang et al. 2023, arXiv:2305.11718). The learning rate follows the
    tokenizer's schedule.
    """

    layers: int = Field(3, ge=1, description="convolutions that halve the picture")
    channels: int = Field(64, ge=1, description="of the discriminator's first layer")
    start_step: int = Field(0, ge=0, description="before it there is no discriminator")
    weight: float = Field(0.8, ge=0, description="of the adversarial term; times the adaptive one")
    adaptive: bool = Field(
        True,
        description="weigh by the ratio of gradient norms at the tokenizer's last layer: pixel and "
        "perceptual loss over adversarial term",
    )
    adaptive_cap: float = Field(1e4, gt=0, description="the largest ratio that is used")
    discriminator_weight: float = Field(1.0, gt=0, description="of the discriminator's own loss")
    reconstructions: Literal["recomputed", "reused"] = Field(
        "recomputed",
        description="what the discriminator learns from: those of the tokenizer after its step, in "
        "eval mode, so that codebooks learn once a batch; or those that the step has used",
    )
    learning_rate: float | None = Field(None, gt=0, description="peak; None: the tokenizer's")
    betas: tuple[float, float] = (0.5, 0.9)


class TokenizerTraining(Training):
    """Training of a tokenizer on crops."""

    key = "training.tokenizer"
    pixel_loss: Literal["l1", "mse"] = "mse"
    pixel_weight: float = Field(1.0, ge=0)
    perceptual_weight: float = Field(
        0.0, ge=0, description="of LPIPS where its weights are at hand, ST-LPIPS otherwise; 0: none"
    )
    adversarial: AdversarialTraining | None = Field(
        None, description="a discriminator against the tokenizer; None: none"
    )
    calibration_crops: int = Field(
        256,
        ge=1,
        description="training crops that a tokenizer may look at before and after training",
    )

    @model_validator(mode="after")
    def _discriminator_starts(self) -> "TokenizerTraining":
        if self.adversarial is not None and self.adversarial.start_step >= self.steps:
            raise ValueError(
                f"the discriminator starts at step {self.adversarial.start_step} and training ends "
                f"after {self.steps} steps. Set adversarial.start_step lower, or leave the "
                "discriminator out with `adversarial: null`"
            )
        return self


class SoftTargets(Config):
    """Targets that are distributions over codes, encoded anew from the pictures at every step.

    Lee et al. 2022 (arXiv:2203.01941), section 3.3.
    """

    temperature: float = Field(
        gt=0,
        description="p = softmax(-squared distance / temperature); it has to fit the scale of the "
        "tokenizer's latents, and the published 0.5 belongs to the published ones; the log's "
        "target_perplexity tells whether it does",
    )
    stochastic: bool = Field(
        True, description="the prior sees codes drawn from p, as published; or the nearest ones"
    )


class PriorTraining(Training):
    """Training of a prior on the codes of training crops."""

    key = "training.prior"
    crops: int = Field(
        2048,
        ge=1,
        description="training crops that are encoded once, for all priors; with soft targets the "
        "same crops at the same steps are encoded again",
    )
    soft_targets: SoftTargets | None = None
    label_dropout: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="probability that an image is shown without its condition; guidance needs it",
    )

    @model_validator(mode="after")
    def _pool_holds_a_batch(self) -> "PriorTraining":
        if self.crops < self.batch_size:
            raise ValueError(
                f"a batch of {self.batch_size} images does not come together from {self.crops} "
                f"crops. Set {self.key}.crops={self.batch_size} or more, or {self.key}.batch_size="
                f"{self.crops} or less"
            )
        return self
