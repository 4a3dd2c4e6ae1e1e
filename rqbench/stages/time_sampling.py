"""Stage: sampling speed of all systems, timed in turn so that a drifting machine is fair to all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from ..choice import Sampling
from ..experiment import SystemSpec
from ..metrics.protocol import Protocol
from ..models import load_prior, load_tokenizer
from ..prior import Prior
from ..record import Record
from ..stage import Context, Estimate, Stage
from ..tokenizer import Tokenizer
from .draw_samples import balanced_classes, decode
from .protocols import cost_protocol
from .recording import Recorder, write_with_protocols
from .setting import Setting
from .trial import now


@dataclass(frozen=True)
class _Timed:
    """One system on the bench, and the seconds that each round took."""

    spec: SystemSpec
    tokenizer: Tokenizer
    prior: Prior
    sampling: Sampling
    drawing: list[float]
    decoding: list[float]


def time_sampling(
    setting: Setting, parts: Sequence[tuple[SystemSpec, Stage, Stage, Stage]]
) -> Stage:
    """The stage that times every system.

    `parts` holds (system, its tokenizer's stage, its prior's, its samples').
    """
    measure = setting.experiment.measure
    facts = {
        "experiment": setting.experiment.name, "systems": [spec.name for spec, *_ in parts],
        "batch": measure.sampling_batch,
        "repeats": measure.speed_repeats,
    }  # fmt: skip
    inputs = tuple(dict.fromkeys(stage for _, *stages in parts for stage in stages))

    def work(context: Context) -> list[str]:
        bench = [
            _Timed(
                spec,
                load_tokenizer(context.inputs[tokenizer.name], context.device),
                load_prior(context.inputs[prior.name], context.device),
                setting.experiment.priors[spec.prior].sampling,
                [],
                [],
            )
            for spec, tokenizer, prior, _ in parts
        ]
        context.progress.start((measure.speed_repeats + 1) * len(bench))
        for repeat in range(measure.speed_repeats + 1):  # the first round warms up
            for timed in bench:
                _time_batch(setting, timed, measure.sampling_batch, repeat)
                context.progress.advance()
        protocol = cost_protocol(setting)
        records = [record for timed in bench for record in _records(setting, timed, protocol)]
        return write_with_protocols(context.folder, records, {protocol.hash: protocol})

    def estimate() -> Estimate:
        drawn = [samples.estimate() for *_, samples in parts]
        each = sum(tried.seconds for tried in drawn) / measure.samples
        return Estimate(
            each * measure.sampling_batch * (measure.speed_repeats + 1),
            whole=all(tried.whole for tried in drawn),
        )

    return Stage("sampling-speed", facts, inputs, work, estimate)


def _time_batch(setting: Setting, timed: _Timed, batch: int, repeat: int) -> None:
    condition = balanced_classes(setting, 0, batch)
    started = now(setting.device)
    codes = timed.prior.sample(
        batch, setting.seed("speed"), timed.sampling, condition, first_image=repeat * batch
    )
    drawn = now(setting.device)
    decode(timed.tokenizer, codes, batch)
    timed.drawing.append(drawn - started)
    timed.decoding.append(now(setting.device) - drawn)


def _records(setting: Setting, timed: _Timed, protocol: Protocol) -> list[Record]:
    """Medians of times in the rounds after the first, and images a second at the median time of
    both; all rounds in `raw`."""
    batch = setting.experiment.measure.sampling_batch
    recorder = Recorder(setting.provenance, timed.spec.tokenizer, timed.spec.prior)
    settings = {"batch": batch, "device": setting.device.partition(":")[0]}
    drawing, decoding = timed.drawing[1:], timed.decoding[1:]
    both = [draw + decode for draw, decode in zip(drawing, decoding, strict=True)]

    def number(metric: str, times: list[float], tell: Callable[[float], float]) -> Record:
        return recorder.number(
            metric, tell(median(times)), protocol, len(times), settings,
            raw=[tell(time) for time in times],
            ci_method="none: few repeats, which `raw` holds",
        )  # fmt: skip

    return [
        number("sampling_images_per_s", both, lambda seconds: batch / seconds),
        number("prior_ms_per_image", drawing, lambda seconds: 1000 * seconds / batch),
        number("decoder_ms_per_image", decoding, lambda seconds: 1000 * seconds / batch),
    ]
