"""Stage: the codes of training and held-out crops under one trained tokenizer."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from ..checkpoint import load_tensors, save_tensors
from ..codes import Codes, concatenate
from ..data import to_float
from ..layout import CodeLayout
from ..models import load_tokenizer
from ..stage import Context, Estimate, Stage
from .setting import Setting
from .trial import fresh_tokenizer, try_images

CODES = "codes.safetensors"


def encode_codes(setting: Setting, name: str, tokenizer: Stage, crops: int) -> Stage:
    """The stage that encodes `crops` training crops and all held-out ones."""
    batch_size = setting.experiment.measure.batch_size

    def work(context: Context) -> list[str]:
        model = load_tokenizer(context.inputs[tokenizer.name], context.device)
        held_out = setting.data.held_out()
        context.progress.start(crops + len(held_out.images))
        parts, labels = [], []
        for start in range(0, crops, batch_size):
            indices = range(start, min(start + batch_size, crops))
            batch = setting.data.training_crops(setting.seed("prior crops"), indices)
            parts.append(encode(model.encode, batch.images, batch_size, context.device))
            labels.append(batch.labels)
            context.progress.advance(by=len(indices))
        tensors = pack("training", concatenate(parts))
        tensors |= pack(
            "held_out", encode(model.encode, held_out.images, batch_size, context.device)
        )
        if labels and labels[0] is not None:
            tensors["training/labels"] = torch.cat([part for part in labels if part is not None])
        if held_out.labels is not None:
            tensors["held_out/labels"] = held_out.labels
        save_tensors(context.folder / CODES, tensors, {})
        return [CODES]

    def estimate() -> Estimate:
        model = fresh_tokenizer(setting, name).to(setting.device).eval()
        images = setting.data.training_crops(0, range(min(batch_size, 32))).images
        tried = try_images(
            lambda count: partial(
                encode, model.encode, images[:count], batch_size, setting.device
            ),
            len(images), setting.device,
        )  # fmt: skip
        layout = setting.layouts[name]
        size = 8 * crops * layout.height * layout.width * layout.depth
        return Estimate(tried.each_s * crops, size, tried.whole)

    return Stage(
        f"codes/{name}", {"crops": crops, "batch_size": batch_size}, (tokenizer,), work, estimate
    )


@torch.no_grad()
def encode(
    encode_batch: Callable[[Tensor], Codes], images: Tensor, batch_size: int, device: str
) -> Codes:
    """Codes on the CPU of 8-bit images, by the `encode` of a tokenizer or an operating point."""
    return concatenate(
        [
            encode_batch(to_float(part.to(device))).to("cpu")
            for part in torch.split(images, batch_size)
        ]
    )


def pack(name: str, codes: Codes) -> dict[str, Tensor]:
    """Named tensors of codes, for a file."""
    tensors = {f"{name}/values": codes.values}
    if codes.grain_map is not None:
        tensors[f"{name}/grain_map"] = codes.grain_map
    return tensors


def unpack(tensors: dict[str, Tensor], name: str, layout: CodeLayout) -> Codes:
    return Codes(tensors[f"{name}/values"], layout, tensors.get(f"{name}/grain_map"))


def read_codes(folder: Path, name: str, layout: CodeLayout) -> tuple[Codes, Tensor | None]:
    """Codes and labels of a split ("training" or "held_out")."""
    tensors, _ = load_tensors(folder / CODES)
    return unpack(tensors, name, layout), tensors.get(f"{name}/labels")
