"""Stage: rate, distortion, codebook use and cost of one trained tokenizer."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from ..checkpoint import save_tensors
from ..codes import Codes
from ..data import to_float
from ..metrics.extractor import Extractor
from ..metrics.fidelity import Features, fidelity_scores, possible_scores
from ..metrics.flops import count_macs, count_stored
from ..metrics.perceptual import find_perceptual
from ..metrics.usage import codebook_usage
from ..models import load_tokenizer
from ..record import Record
from ..stage import Context, Estimate, Stage
from ..tokenizer import Tokenizer
from .bit_maps import nominal_bits, patch_px
from .draw_samples import decode
from .encode_codes import encode, read_codes
from .protocols import (
    cost_protocol,
    reconstruction_protocol,
    usage_protocol,
)  # fmt: skip
from .rate_distortion import Scorer
from .recording import Recorder, grain_records, usage_records
from .reference import extract, read_features, seconds_per_image
from .setting import Setting
from .setup import setup_digests
from .train_tokenizer import COST
from .trial import fresh_tokenizer, try_images

PICTURES = "pictures.safetensors"


def score_tokenizer(
    setting: Setting,
    name: str,
    tokenizer: Stage,
    codes: Stage,
    reference: Stage,
    extractor: Extractor,
) -> Stage:
    """The stage that measures one tokenizer on the held-out crops."""
    measure = setting.experiment.measure
    perceptual = find_perceptual()
    facts = {
        "experiment": setting.experiment.name, "tokenizer": name, "pictures": measure.pictures,
        "zero_order_crops": measure.zero_order_crops, "perceptual": perceptual.weights_sha256,
        "patch_px": patch_px(setting),
        "fidelity": possible_scores(extractor.name, "reconstructions"),
    }  # fmt: skip

    def work(context: Context) -> list[str]:
        model = load_tokenizer(context.inputs[tokenizer.name], context.device)
        recorder, held_out = Recorder(setting.provenance, name), setting.data.held_out()
        layout = setting.layouts[name]
        training, _ = read_codes(context.inputs[codes.name], "training", layout)
        held, _ = read_codes(context.inputs[codes.name], "held_out", layout)
        points = model.operating_points()
        context.progress.start((len(points) + 2) * len(held_out.images))
        shown = held_out.spread(measure.pictures)
        pictures = {"originals": held_out.images[shown]}
        scorer = Scorer(setting, recorder, perceptual, held_out, model)

        def fidelity(images: Tensor, settings: Mapping[str, int | float]) -> list[Record]:
            features = read_features(context.inputs[reference.name])
            return _fidelity(recorder, setting, extractor, context, features, images, settings)

        records, decoded = scorer.point(held, training[: measure.zero_order_crops], {})
        records += fidelity(decoded, {})
        pictures["reconstructions"] = decoded[shown]
        if held.grain_map is not None:
            pictures["grain_map"] = held.grain_map[shown].to(torch.uint8)
        found, maps = nominal_bits(setting, recorder, held, decoded)
        records, pictures = records + found, pictures | maps
        context.progress.advance(by=len(held))
        counted = range(min(measure.zero_order_crops, len(training)))
        crops = setting.data.training_crops(setting.seed("prior crops"), counted).images
        for point in points:
            at_point = encode(point.encode, held_out.images, measure.batch_size, context.device)
            fitted = encode(point.encode, crops, measure.batch_size, context.device)
            found, images = scorer.point(at_point, fitted, dict(point.settings))
            records += found + fidelity(images, point.settings)
            label = ", ".join(f"{key}={value:g}" for key, value in point.settings.items())
            pictures[f"reconstructions {label}"] = images[shown]
            context.progress.advance(by=len(held))
        records += _usage(recorder, setting, training)
        records += _cost(recorder, setting, model, context.inputs[tokenizer.name])
        save_tensors(context.folder / PICTURES, pictures, {})
        return [*recorder.write(context.folder, records), PICTURES]

    def estimate() -> Estimate:
        model = fresh_tokenizer(setting, name).to(setting.device).eval()
        images = setting.data.training_crops(0, range(16)).images
        some_crops = to_float(images).to(setting.device)

        def restore(count: int) -> Callable[[], object]:
            def work() -> None:
                some = encode(model.encode, images[:count], measure.batch_size, setting.device)
                restored = decode(model, some.to(setting.device), measure.batch_size)
                distance = perceptual.distance.to(setting.device)
                distance(some_crops[:count], to_float(restored).to(setting.device))

            return work

        with torch.no_grad():  # calibration decides how many operating points there are
            model.before_training(some_crops)
            both = try_images(restore, len(images), setting.device)
            encoding = try_images(
                lambda count: partial(
                    encode, model.encode, images[:count], measure.batch_size, setting.device
                ),
                both.num_images, setting.device,
            )  # fmt: skip
            model.after_training(some_crops[: both.num_images])
        count = setting.experiment.data.held_out
        points = len(model.operating_points())
        fitting = encoding.each_s * points * measure.zero_order_crops
        return Estimate(
            fitting + (both.each_s + seconds_per_image(setting, extractor)) * (points + 1) * count,
            measure.pictures * (points + 2) * 3 * setting.resolution**2,
            both.whole,
        )

    return Stage(f"scores/{name}", facts, (tokenizer, codes, reference), work, estimate)


def _usage(recorder: Recorder, setting: Setting, codes: Codes) -> list[Record]:
    protocol = usage_protocol(setting, len(codes))
    records = usage_records(recorder, codebook_usage(codes), protocol, len(codes), split="training")
    if codes.layout.is_dynamic:
        # no clusters: training draws its crops one by one, and these are such draws
        records += grain_records(recorder, codes, protocol, split="training")
    return records


def _fidelity(
    recorder: Recorder,
    setting: Setting,
    extractor: Extractor,
    context: Context,
    reference: Features,
    decoded: Tensor,
    settings: Mapping[str, int | float],
) -> list[Record]:
    features = extract(extractor, decoded, context)
    protocol = reconstruction_protocol(setting, extractor, len(decoded))
    clusters = setting.data.held_out().clusters
    scores = fidelity_scores(reference, features, clusters, extractor.name, "reconstructions")
    return [recorder.score(score, protocol, settings) for score in scores]


def _cost(recorder: Recorder, setting: Setting, model: Tokenizer, folder: Path) -> list[Record]:
    protocol = cost_protocol(setting)
    cost = json.loads((folder / COST).read_text())
    image = to_float(setting.data.held_out().images[:1]).to(setting.device)
    with torch.no_grad():
        macs = count_macs(lambda: model.decode(model.encode(image)))
    training = setting.experiment.tokenizer_training(recorder.tokenizer)
    type_name = setting.experiment.tokenizers[recorder.tokenizer].type
    setup = setup_digests(type_name, model, training)
    numbers = {
        "parameters": count_stored(model),
        "macs": macs,
        "training_steps": training.steps,
        "training_images": training.num_images,
        **cost,
    }
    return [
        recorder.number(metric, float(value), protocol, setup=setup)
        for metric, value in numbers.items()
    ]
