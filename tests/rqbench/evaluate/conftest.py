"""A tokenizer whose numbers can be worked out by hand, and folders of flat pictures."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from PIL import Image
from torch import Tensor

from rqbench.codes import Codes
from rqbench.errors import ConfigError
from rqbench.evaluate import Subject
from rqbench.layout import CodeLayout
from rqbench.tokenizer import Tokenizer, TokenizerOutput

GREYS = (0.2, 0.6)


class Shades(Tokenizer):
    """One code for each 8x8 pixels: whether their mean is 0.35 or more; decoded as one of GREYS."""

    def __init__(self) -> None:
        super().__init__(SimpleNamespace())

    @classmethod
    def tiny(cls) -> "Shades":
        return cls()

    def layout(self, resolution: int) -> CodeLayout:
        if resolution % 8:
            raise ConfigError(f"{resolution} does not divide by 8.")
        return CodeLayout(resolution // 8, resolution // 8, 1, 2)

    def forward(self, images: Tensor) -> TokenizerOutput:
        raise NotImplementedError

    def encode(self, images: Tensor) -> Codes:
        means = torch.nn.functional.avg_pool2d(images.mean(dim=1, keepdim=True), 8)
        values = (means >= 0.35).long().permute(0, 2, 3, 1)
        return Codes(values, CodeLayout(*values.shape[1:], 2))

    def decode(self, codes: Codes) -> Tensor:
        greys = torch.tensor(GREYS)[codes.values[..., 0]]
        return greys.repeat_interleave(8, 1).repeat_interleave(8, 2)[:, None].expand(-1, 3, -1, -1)


@pytest.fixture
def shades() -> Subject:
    return Subject("shades", Shades(), 16, {"tokenizer": "none"})


@pytest.fixture
def flat_pictures(tmp_path: Path) -> Callable[..., Path]:
    """`flat_pictures({"a.png": 51})` writes pictures of one grey, 16x16 pixels or of `size`."""

    def write(greys: dict[str, int], size: tuple[int, int] = (16, 16)) -> Path:
        for name, grey in greys.items():
            path = tmp_path / "images" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", size, (grey, grey, grey)).save(path)
        return tmp_path / "images"

    return write
