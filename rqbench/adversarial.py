"""Adversarial training of a tokenizer: what the discriminator weighs, and how it learns.

Source: Esser et al. 2021, arXiv:2012.09841, section 3.1, and its published code, with the variants
of Lee et al. 2022, arXiv:2203.01941, and Huang et al. 2023, arXiv:2305.11718.
"""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from .discriminator import PatchDiscriminator, patches_along
from .errors import ConfigError
from .objective import Opponent
from .seed import derive_seed
from .tokenizer import Tokenizer
from .training import AdversarialTraining, TokenizerTraining

EPSILON = 1e-4
"""Keeps the ratio of gradient norms finite; the published value."""


def hinge_loss(
    on_images: Float[Tensor, "b 1 _ _"], on_reconstructions: Float[Tensor, "b 1 _ _"]
) -> Float[Tensor, ""]:
    """Nothing is gained by logits above 1 on images or below -1 on reconstructions."""
    return (F.relu(1 - on_images).mean() + F.relu(1 + on_reconstructions).mean()) / 2


def gradient_ratio(
    distance: Float[Tensor, ""], adversarial: Float[Tensor, ""], last_layer: Tensor, cap: float
) -> Float[Tensor, ""]:
    """How much steeper the distance is than the adversarial term, seen from the last layer.

    Norms of gradients; the result is at most `cap` and carries no gradient itself.
    """
    of_distance, of_adversarial = (
        torch.autograd.grad(term, last_layer, retain_graph=True)[0].norm()
        for term in (distance, adversarial)
    )
    ratio: Tensor = of_distance / (of_adversarial + EPSILON)
    return ratio.clamp(max=cap).detach()


class Adversary:
    """A discriminator beside the tokenizer that it judges.

    In one step `judge` comes first, once for each part of the batch; then the tokenizer moves; then
    `loss`, with the same images in the same order.

    Args:
        tokenizer: on the device where both learn.
        config: the settings.
        seed: of the discriminator's first weights.
    """

    def __init__(self, tokenizer: Tokenizer, config: AdversarialTraining, seed: int) -> None:
        self.tokenizer, self.config = tokenizer, config
        torch.manual_seed(derive_seed(seed, "weights"))
        discriminator = PatchDiscriminator(config.layers, config.channels)
        self.discriminator = discriminator.to(next(tokenizer.parameters()).device)
        self._judged: list[Tensor] = []

    def opponent(self, training: TokenizerTraining, to_images: Callable[[Any], Tensor]) -> Opponent:
        """What the trainer needs of the discriminator. `to_images`: batch to images in [0, 1]."""
        changes = {
            "learning_rate": self.config.learning_rate or training.learning_rate,
            "betas": self.config.betas,
        }
        return Opponent(
            "discriminator",
            self.discriminator,
            lambda batch, step: self.loss(to_images(batch)),
            training.model_copy(update=changes),
            self.config.start_step,
        )

    def judge(
        self, reconstructions: Float[Tensor, "b 3 H W"], distance: Float[Tensor, ""]
    ) -> tuple[Float[Tensor, ""], dict[str, Any]]:
        """What the tokenizer's loss gains, weighted, and terms to log.

        Args:
            reconstructions: with gradient.
            distance: pixel and perceptual loss of these reconstructions, as they enter the loss.
        """
        self.discriminator.requires_grad_(False)  # this gradient goes to the tokenizer alone
        adversarial = -self.discriminator(reconstructions).mean()
        weight: Tensor | float = self.config.weight
        if self.config.adaptive:
            last_layer = self.tokenizer.last_layer()
            assert last_layer is not None  # see check_adversarial
            cap = self.config.adaptive_cap
            weight = weight * gradient_ratio(distance, adversarial, last_layer, cap)
        if self.config.reconstructions == "reused":
            self._judged.append(reconstructions.detach())
        terms = {"adversarial": adversarial, "adversarial_weight": weight}
        return weight * adversarial, terms

    def loss(self, images: Float[Tensor, "b 3 H W"]) -> tuple[Float[Tensor, ""], dict[str, Any]]:
        """The discriminator's own loss, weighted, and terms to log."""
        reused = self.config.reconstructions == "reused"
        reconstructions = self._judged.pop(0) if reused else self._reconstruct(images)
        self.discriminator.requires_grad_(True)
        on_images = self.discriminator(images)
        on_reconstructions = self.discriminator(reconstructions)
        terms = {
            "on_images": on_images.mean(),
            "on_reconstructions": on_reconstructions.mean(),
        }
        value = hinge_loss(on_images, on_reconstructions)
        return self.config.discriminator_weight * value, terms

    @torch.no_grad()
    def _reconstruct(self, images: Tensor) -> Tensor:
        """By the tokenizer as it is now; in eval mode, in which no codebook collects."""
        self.tokenizer.eval()
        reconstructions: Tensor = self.tokenizer(images).reconstructions
        self.tokenizer.train()
        return reconstructions


def check_adversarial(
    tokenizer: Tokenizer, config: AdversarialTraining, resolution: int, where: str
) -> None:
    """Refuse, before training, what could not be carried out.

    Raises:
        ConfigError: images too small for the discriminator, or an adaptive weight for a tokenizer
            that names no last layer.
    """
    patches_along(resolution, config.layers)
    if config.adaptive and tokenizer.last_layer() is None:
        raise ConfigError(
            f"{where}.adversarial.adaptive: {type(tokenizer).__name__} names no last layer, at "
            "which gradients could be compared. Give it a method `last_layer`, or set `adaptive: "
            "false` and a fixed `weight`."
        )
