"""A linear path beside the convolutions, which starts as the principal components of patches.

Ours, not published. A short training spends its steps on colours and edges that a linear transform
of patches gives at once; with this path the convolutions start at zero and learn what a linear
transform cannot do. The same for every tokenizer, so comparisons stay fair. File letter: p is the
values of one patch.
"""

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

START_PATCHES = 20_000
"""The most patches that the start looks at; more change no component visibly."""


class Shortcut(nn.Module):
    """Patches of images to vectors and back, each way one linear map that learns.

    Latents are per pixel: a patch of one colour has the same vector whatever its size, so that
    patches of several sizes can share a codebook.

    Args:
        side: of a patch in pixels.
        embedding: e, width of the vectors.
    """

    def __init__(self, side: int, embedding: int) -> None:
        super().__init__()
        self.side = side
        self.into = nn.Linear(3 * side**2, embedding)
        self.back = nn.Linear(embedding, 3 * side**2)

    def encode(self, images: Float[Tensor, "b 3 H W"]) -> Float[Tensor, "b h w e"]:
        patches = F.pixel_unshuffle(2 * images - 1, self.side)
        latents: Tensor = self.into(rearrange(patches, "b p h w -> b h w p"))
        return latents.float() / self.side

    def decode(self, vectors: Float[Tensor, "b h w e"]) -> Float[Tensor, "b 3 H W"]:
        """Images in [-1, 1]."""
        patches = rearrange(self.back(vectors * self.side), "b h w p -> b p h w")
        return F.pixel_shuffle(patches, self.side).float()

    @torch.no_grad()
    def start(self, images: Float[Tensor, "b 3 H W"]) -> None:
        """Set both maps to the components of these images' patches that explain most."""
        patches = rearrange(F.pixel_unshuffle(2 * images - 1, self.side), "b p h w -> (b h w) p")
        patches = patches[:: max(1, len(patches) // START_PATCHES)].double()
        mean = patches.mean(dim=0)
        _, directions = torch.linalg.eigh((patches - mean).T @ (patches - mean))  # rising
        count = min(self.into.out_features, len(mean))
        components = directions.flip(dims=[1])[:, :count].T
        largest = components.gather(1, components.abs().argmax(dim=1, keepdim=True))
        components = components * largest.sign()  # eigenvectors have no sign of their own
        for layer in (self.into, self.back):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        self.into.weight[:count] = components
        self.into.bias[:count] = -(components @ mean)
        self.back.weight[:, :count] = components.T
        self.back.bias.copy_(mean)


def silence(layer: nn.Conv2d) -> None:
    """Let a branch start at zero."""
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
