"""Stage: the bytes that some held-out crops really take under one system's prior."""

from collections.abc import Callable

from ..bitstream.coder import BLOCK, encode_codes
from ..errors import UnsupportedError
from ..experiment import SystemSpec
from ..models import load_prior
from ..stage import Context, Estimate, Stage
from .coded_rates import coded_rates
from .encode_codes import read_codes
from .protocols import coded_protocol
from .recording import Recorder
from .setting import Setting
from .trial import random_codes, random_labels, trial_prior, try_images


def code_held_out(setting: Setting, system: SystemSpec, codes: Stage, prior: Stage) -> Stage:
    """The stage that writes codes as bytes, reads them back and counts the bytes.

    It has no records where codes cannot be coded under the prior, and says so.
    """
    measure = setting.experiment.measure
    facts = {
        "experiment": setting.experiment.name, "system": system.name, "coded": measure.coded
    }  # fmt: skip

    def work(context: Context) -> list[str]:
        model = load_prior(context.inputs[prior.name], "cpu")
        recorder = Recorder(setting.provenance, system.tokenizer, system.prior)
        layout = setting.layouts[system.tokenizer]
        held, labels = read_codes(context.inputs[codes.name], "held_out", layout)
        held_out = setting.data.held_out()
        chosen = held_out.of_all_clusters(measure.coded)
        clusters = [held_out.clusters[index] for index in chosen.tolist()]
        names = [
            f"held-out crop {index} ({cluster})"
            for index, cluster in zip(chosen.tolist(), clusters, strict=True)
        ]
        context.progress.start(2 * len(chosen))
        try:
            rates = coded_rates(
                model, held[chosen], None if labels is None else labels[chosen], names,
                setting.resolution**2, lambda images: context.progress.advance(by=images),
            )  # fmt: skip
        except UnsupportedError as error:
            context.progress.say(f"no coded rate: {error}")
            return recorder.write(context.folder, [])
        protocol = coded_protocol(setting, setting.experiment.prior_training(system.prior).crops)
        records = [
            recorder.mean(metric, values, protocol, clusters, images=chosen.tolist())
            for metric, values in rates.items()
        ]
        return recorder.write(context.folder, records)

    def estimate() -> Estimate:
        """Writes a block of meaningless codes."""
        model = trial_prior(setting, system).eval()

        def write(count: int) -> Callable[[], object]:
            labels = random_labels(setting, count)
            condition = None if labels is None else labels[:, None]
            some = random_codes(setting, system.tokenizer, count)
            return lambda: encode_codes(model, some, condition)

        try:
            tried = try_images(write, min(measure.coded, BLOCK), "cpu")
        except UnsupportedError:
            return Estimate(0.0)
        return Estimate(2 * tried.each_s * measure.coded, whole=tried.whole)

    return Stage(f"coded/{system.name}", facts, (codes, prior), work, estimate)
