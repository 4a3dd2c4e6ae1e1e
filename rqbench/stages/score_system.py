"""Stage: prior rate and sample fidelity of one system."""

import json
import math
from pathlib import Path

import torch

from ..checkpoint import save_tensors
from ..codes import Codes
from ..experiment import SystemSpec
from ..metrics.extractor import Extractor
from ..metrics.fidelity import fidelity_scores
from ..metrics.flops import count_parameters
from ..models import load_prior, load_tokenizer
from ..prior import Prior
from ..record import Record
from ..stage import Context, Estimate, Stage
from .draw_samples import decode, read_sample_codes, read_samples
from .encode_codes import read_codes
from .nearest_training import NearestTraining
from .protocols import cost_protocol, rate_protocol, sample_protocol
from .recording import Recorder
from .reference import extract, read_features, seconds_per_image
from .score_tokenizer import PICTURES
from .setting import Setting
from .setup import setup_digests
from .train_tokenizer import COST
from .training_features import read_training_features
from .trial import now, random_codes, random_labels, trial_prior


def score_system(
    setting: Setting,
    system: SystemSpec,
    tokenizer: Stage,
    codes: Stage,
    prior: Stage,
    samples: Stage,
    reference: Stage,
    training: Stage,
    extractor: Extractor,
) -> Stage:
    """The stage that measures one system on the held-out crops and by its samples."""
    measure = setting.experiment.measure
    facts = {
        "experiment": setting.experiment.name,
        "system": system.name,
        "pictures": measure.pictures,
        "batch_size": measure.batch_size,
    }

    def work(context: Context) -> list[str]:
        model = load_prior(context.inputs[prior.name], context.device)
        recorder = Recorder(setting.provenance, system.tokenizer, system.prior)
        folder = context.inputs[codes.name]
        held, labels = read_codes(folder, "held_out", setting.layouts[system.tokenizer])
        drawn = read_samples(context.inputs[samples.name])
        context.progress.start(2 * len(held) + len(drawn))
        bits = held_out_bits(model, held, labels, measure.batch_size, context.device)
        context.progress.advance(by=len(held))
        crops = setting.experiment.prior_training(system.prior).crops
        records = _rates(recorder, setting, bits, crops)
        features = extract(extractor, drawn, context)
        protocol = sample_protocol(
            setting, extractor, len(drawn), setting.experiment.priors[system.prior].sampling
        )
        originals = read_features(context.inputs[reference.name])
        scores = fidelity_scores(originals, features, None, extractor.name)
        records += [recorder.score(score, protocol) for score in scores]
        pool = read_training_features(context.inputs[training.name])[:crops]
        seen, _ = read_codes(folder, "training", setting.layouts[system.tokenizer])
        drawn_codes = read_sample_codes(context.inputs[samples.name], held.layout)
        decoder = load_tokenizer(context.inputs[tokenizer.name], context.device)
        restored = decode(decoder, held.to(context.device), measure.batch_size)
        near = NearestTraining.find(
            (features.features, extract(extractor, restored, context).features, pool),
            (drawn_codes, held, seen[:crops]),
            context.device,
        )
        clusters = setting.data.held_out().clusters
        records += near.records(setting, recorder, extractor, crops, clusters)
        records += _cost(recorder, setting, system, model, context.inputs[prior.name])
        pictures = {"samples": drawn[: 4 * measure.pictures]}
        pictures |= near.pictures(setting, drawn, restored, measure.pictures)
        save_tensors(context.folder / PICTURES, pictures, {})
        return [*recorder.write(context.folder, records), PICTURES]

    def estimate() -> Estimate:
        model = trial_prior(setting, system).to(setting.device).eval()
        some = random_codes(setting, system.tokenizer, 16)
        started = now(setting.device)
        held_out_bits(model, some, random_labels(setting, 16), measure.batch_size, setting.device)
        each = (now(setting.device) - started) / len(some)
        return Estimate(
            each * setting.experiment.data.held_out
            + seconds_per_image(setting, extractor)
            * (measure.samples + setting.experiment.data.held_out),
            36 * measure.pictures * setting.resolution**2,
        )

    inputs = (tokenizer, codes, prior, samples, reference, training)
    return Stage(f"scores/{system.name}", facts, inputs, work, estimate)


@torch.no_grad()
def held_out_bits(
    model: Prior, codes: Codes, labels: torch.Tensor | None, batch_size: int, device: str
) -> list[float]:
    """Bits of each image under the prior."""
    bits: list[float] = []
    for start in range(0, len(codes), batch_size):
        condition = None if labels is None else labels[start : start + batch_size, None].to(device)
        part = model.log_prob(codes[start : start + batch_size].to(device), condition)
        bits += (-part.double() / math.log(2)).tolist()
    return bits


def _rates(recorder: Recorder, setting: Setting, bits: list[float], crops: int) -> list[Record]:
    protocol = rate_protocol(setting, crops)
    clusters = setting.data.held_out().clusters
    pixels = setting.resolution**2
    return [
        recorder.mean("nll_bits_per_image", bits, protocol, clusters),
        recorder.mean("rate_prior_bpp", [value / pixels for value in bits], protocol, clusters),
    ]


def _cost(
    recorder: Recorder, setting: Setting, system: SystemSpec, model: Prior, folder: Path
) -> list[Record]:
    protocol = cost_protocol(setting)
    cost = json.loads((folder / COST).read_text())
    training = setting.experiment.prior_training(system.prior)
    spec = setting.experiment.priors[system.prior]
    setup = setup_digests(spec.type, model, training, spec.sampling)
    numbers = {
        "parameters": count_parameters(model),
        "training_steps": training.steps,
        "training_images": training.num_images,
        **cost,
    }
    return [
        recorder.number(metric, float(value), protocol, setup=setup)
        for metric, value in numbers.items()
    ]
