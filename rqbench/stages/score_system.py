"""Stage: prior rate and sample fidelity of one system."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..checkpoint import save_tensors
from ..experiment import SystemSpec
from ..metrics.extractor import Extractor
from ..metrics.fidelity import fidelity_scores, possible_scores
from ..metrics.flops import count_parameters
from ..models import load_prior, load_tokenizer
from ..prior import Prior
from ..record import Record
from ..stage import Context, Estimate, Stage
from .bit_maps import patch_px, prior_bits
from .draw_samples import decode, read_sample_codes, read_samples
from .encode_codes import read_codes
from .nearest_training import NearestTraining
from .prior_rates import prior_rates
from .protocols import cost_protocol, rate_protocol, sample_protocol
from .recording import Recorder
from .reference import extract, read_features, seconds_per_image
from .score_tokenizer import PICTURES
from .setting import Setting
from .setup import setup_digests
from .train_tokenizer import COST
from .training_features import read_training_features
from .trial import random_codes, random_labels, trial_prior, try_images


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
    measure, pixels = setting.experiment.measure, setting.resolution**2
    facts = {
        "experiment": setting.experiment.name,
        "system": system.name,
        "pictures": measure.pictures,
        "batch_size": measure.batch_size,
        "patch_px": patch_px(setting),
        "fidelity": possible_scores(extractor.name, "samples"),
    }

    def work(context: Context) -> list[str]:
        model = load_prior(context.inputs[prior.name], context.device)
        recorder = Recorder(setting.provenance, system.tokenizer, system.prior)
        folder = context.inputs[codes.name]
        held, labels = read_codes(folder, "held_out", setting.layouts[system.tokenizer])
        drawn = read_samples(context.inputs[samples.name])
        context.progress.start(2 * len(held) + len(drawn))
        found = prior_rates(model, held, labels, pixels, measure.batch_size, context.device)
        context.progress.advance(by=len(held))
        crops = setting.experiment.prior_training(system.prior).crops
        records = _rates(recorder, setting, found.rates, crops)
        features = extract(extractor, drawn, context)
        protocol = sample_protocol(
            setting, extractor, len(drawn), setting.experiment.priors[system.prior].sampling
        )
        originals = read_features(context.inputs[reference.name])
        clusters = setting.data.held_out().clusters
        scores = fidelity_scores(originals, features, clusters, extractor.name, "samples")
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
        records += near.records(setting, recorder, extractor, crops, clusters)
        records += _cost(recorder, setting, system, model, context.inputs[prior.name])
        about_bits, maps = prior_bits(setting, recorder, found.bit_maps, restored, context)
        records += about_bits
        pictures = {"samples": drawn[: 4 * measure.pictures], **maps}
        pictures |= near.pictures(setting, drawn, restored, measure.pictures)
        save_tensors(context.folder / PICTURES, pictures, {})
        return [*recorder.write(context.folder, records), PICTURES]

    def estimate() -> Estimate:
        model = trial_prior(setting, system).to(setting.device).eval()
        some, labels = random_codes(setting, system.tokenizer, 16), random_labels(setting, 16)

        def rate(count: int) -> Callable[[], object]:
            told = None if labels is None else labels[:count]
            return lambda: prior_rates(
                model, some[:count], told, pixels, measure.batch_size, setting.device
            )

        tried = try_images(rate, len(some), setting.device)
        return Estimate(
            tried.each_s * setting.experiment.data.held_out
            + seconds_per_image(setting, extractor)
            * (measure.samples + setting.experiment.data.held_out),
            36 * measure.pictures * setting.resolution**2,
            tried.whole,
        )

    inputs = (tokenizer, codes, prior, samples, reference, training)
    return Stage(f"scores/{system.name}", facts, inputs, work, estimate)


def _rates(
    recorder: Recorder, setting: Setting, rates: Mapping[str, Sequence[float]], crops: int
) -> list[Record]:
    protocol = rate_protocol(setting, crops)
    clusters = setting.data.held_out().clusters
    return [recorder.mean(metric, values, protocol, clusters) for metric, values in rates.items()]


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
