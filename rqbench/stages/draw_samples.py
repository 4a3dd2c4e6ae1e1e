"""Stage: draw samples from one system, and decode them."""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import torch
from torch import Tensor

from ..beside import Beside
from ..checkpoint import load_tensors, save_tensors
from ..codes import Codes, concatenate
from ..data import to_bytes
from ..experiment import SystemSpec
from ..layout import CodeLayout
from ..models import load_prior, load_tokenizer
from ..stage import Context, Estimate, Stage
from ..tokenizer import Tokenizer
from .encode_codes import pack, unpack
from .setting import Setting
from .trial import trial_prior, try_images

SAMPLES = "samples.safetensors"


def draw_samples(setting: Setting, system: SystemSpec, tokenizer: Stage, prior: Stage) -> Stage:
    """The stage that draws the experiment's number of samples; classes in equal shares."""
    measure = setting.experiment.measure
    sampling = setting.experiment.priors[system.prior].sampling
    facts = {
        "samples": measure.samples,
        "batch": measure.sampling_batch,
        "sampling": sampling.model_dump(),
    }

    def work(context: Context) -> list[str]:
        decoder = load_tokenizer(context.inputs[tokenizer.name], context.device)
        model = load_prior(context.inputs[prior.name], context.device)
        context.progress.start(measure.samples)
        codes, images = [], Beside(context.device)
        for first in range(0, measure.samples, measure.sampling_batch):
            count = min(measure.sampling_batch, measure.samples - first)
            condition = balanced_classes(setting, first, count)
            part = model.sample(count, setting.seed("samples"), sampling, condition, first)
            codes.append(part.to("cpu"))
            images.add(partial(decode_bytes, decoder, part, measure.batch_size), part.tensors())
            context.progress.advance(by=count)
        tensors = pack("samples", concatenate(codes)) | {"images": torch.cat(images.results())}
        save_tensors(context.folder / SAMPLES, tensors, {})
        return [SAMPLES]

    @cache  # the timing of all systems asks again
    def estimate() -> Estimate:
        """Draws a batch from an untrained prior."""
        model = trial_prior(setting, system).to(setting.device).eval()

        def draw(count: int) -> Callable[[], object]:
            condition = balanced_classes(setting, 0, count)
            return lambda: model.sample(count, 0, sampling, condition)

        tried = try_images(draw, min(measure.sampling_batch, measure.samples), setting.device)
        return Estimate(
            tried.each_s * measure.samples, measure.samples * 3 * setting.resolution**2, tried.whole
        )

    return Stage(f"samples/{system.name}", facts, (tokenizer, prior), work, estimate)


def balanced_classes(setting: Setting, first: int, count: int) -> Tensor | None:
    """Image i gets class i modulo their number; None where the data has no classes."""
    if setting.condition is None:
        return None
    classes = (
        torch.arange(first, first + count, device=setting.device) % setting.condition.vocab_size
    )
    return classes[:, None]


def decode(model: Tokenizer, codes: Codes, batch_size: int, truncate: bool = False) -> Tensor:
    """8-bit images on the CPU, UInt8[n 3 H W], decoded in batches; see `to_bytes`."""
    return decode_bytes(model, codes, batch_size, truncate).cpu()


@torch.no_grad()
def decode_bytes(model: Tokenizer, codes: Codes, batch_size: int, truncate: bool = False) -> Tensor:
    """What `decode` gives, on the device of the codes."""
    parts = [
        to_bytes(model.decode(codes[start : start + batch_size]), truncate)
        for start in range(0, len(codes), batch_size)
    ]
    return torch.cat(parts)


def read_sample_codes(folder: Path, layout: CodeLayout) -> Codes:
    tensors, _ = load_tensors(folder / SAMPLES)
    return unpack(tensors, "samples", layout)


def read_samples(folder: Path) -> Tensor:
    """The samples, UInt8[n 3 H W]."""
    tensors, _ = load_tensors(folder / SAMPLES)
    return tensors["images"]
