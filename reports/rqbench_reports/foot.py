"""The foot of a table: what its numbers rest on, and marks for those resting on something else."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from rqbench.api import Record, RunData, is_timing

from .frame import half_width, repeat_range
from .pairing import main_terms, terms
from .wording import extractor_of, wording

SIGNS = ("†", "‡", "§", "¶")


class Marks:
    """Gives each foreign protocol of one table its own sign, in the order in which they appear."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, ...], Record] = {}

    def of_column(self, records: Sequence[Record | None]) -> list[str]:
        """A sign for each value that was not measured on the terms of most of its column."""
        main = main_terms(records)
        return [
            "" if record is None or terms(record) == main else self._sign(record)
            for record in records
        ]

    def lines(self) -> list[str]:
        return [
            f"{self._sign(record)} measured on other terms, not compared: {basis(record)}"
            f"{f', published: {record.citation}' if record.source == 'published' else ''}."
            for record in self.records.values()
        ]

    def _sign(self, record: Record) -> str:
        self.records.setdefault(terms(record), record)
        place = list(self.records).index(terms(record))
        return SIGNS[place % len(SIGNS)] * (place // len(SIGNS) + 1)


NOT_LPIPS = (
    "ST-LPIPS: another network's distance than LPIPS, not comparable with it (`rqbench doctor` "
    "says what LPIPS needs)."
)
NOT_FID = ", not of Inception: not comparable with FID (`rqbench doctor` says what Inception needs)"


def footnotes(
    columns: Sequence[Sequence[Record | None]], marks: Marks, run: RunData, is_trained: bool = True
) -> list[str]:
    """What the columns were measured on, how their intervals were made, whose features they use,
    what the marks mean, how many seeds stand behind them, and the machine of what needs one."""
    used = [record for column in columns for record in column if record]
    usual = [record for column in columns if (record := _usual(column))]
    spread = [record for column in columns if (record := _usual(column, _method))]
    lines = [f"{titles}: {on}." for on, titles in _titles_by(usual, basis)]
    lines += [
        f"±, {titles}: the longer side of the 95% interval, {method}."
        for method, titles in _titles_by(spread, _method)
    ]
    lines += [
        f"{titles}: beside each value stands the range of {count} repeats."
        for count, titles in _titles_by(usual, _repeats)
        if count
    ]
    lines += [
        f"{titles}: features of {extractor}{'' if extractor == 'Inception' else NOT_FID}."
        for extractor, titles in _titles_by(usual, lambda record: extractor_of(record.metric))
        if extractor
    ]
    lines += [f"{titles}: {why}." for why, titles in _titles_by(usual, _uncorrected) if why]
    lines += [NOT_LPIPS] * any(record.metric == "st_lpips" for record in usual)
    seeds = [seeds_line(used)] if is_trained else []
    return [*lines, *marks.lines(), *seeds, *_machines(used, run)]


def seeds_line(records: Sequence[Record]) -> str:
    """How many trainings stand behind the numbers, and how far apart those came out."""
    seeds = sorted({seed for record in records for seed in record.seeds})
    listed = ", ".join(map(str, seeds))
    count = "1 training seed" if len(seeds) == 1 else f"{len(seeds)} training seeds"
    widest: dict[str, float] = {}
    for record in records:
        if record.seed_sd is not None:
            widest[record.metric] = max(record.seed_sd, widest.get(record.metric, 0.0))
    if not widest:
        return f"{count} ({listed}): intervals do not cover training again."
    spreads = ", ".join(_seed_sd(metric, sd) for metric, sd in widest.items() if sd > 0)
    return (
        f"{count} ({listed}): each value of several seeds is their mean, and its interval covers "
        f"other images and training again. Standard deviation from seed to seed, the largest of "
        f"each column: {spreads or 'none'}."
    )


def _seed_sd(metric: str, sd: float) -> str:
    words = wording(metric)
    shown = f"{words.title} {sd / words.scale:.2g}"
    return f"{shown} {words.unit}".rstrip()


def _usual(
    column: Sequence[Record | None], fact: Callable[[Record], object] = lambda record: True
) -> Record | None:
    """The first record of a column on the terms of most of it that has the fact."""
    main = main_terms(column)
    usual = (record for record in column if record and terms(record) == main)
    return next((record for record in usual if fact(record)), None)


def _titles_by(
    records: Sequence[Record], fact: Callable[[Record], str | None]
) -> list[tuple[str | None, str]]:
    """Titles of the metrics that share a fact, joined, each fact once."""
    titles: dict[str | None, list[str]] = defaultdict(list)
    for record in records:
        titles[fact(record)].append(wording(record.metric).title)
    return [(key, ", ".join(dict.fromkeys(names))) for key, names in titles.items()]


def _method(record: Record) -> str | None:
    if half_width(record) is None or repeat_range(record):
        return None
    return record.ci_method or "method not recorded"


def _repeats(record: Record) -> str | None:
    return str(len(record.raw or ())) if repeat_range(record) else None


def _uncorrected(record: Record) -> str | None:
    """Of a Fréchet distance, why the bias of few images cannot be taken off it."""
    features, reference, photographs = (
        record.settings.get(name) for name in ("features", "n_reference", "photographs")
    )
    if features is None or reference is None:
        return None
    if min(record.n, reference) - 1 > features:  # the mean takes one
        crops = f"{reference} originals are crops of {photographs} photographs"
        return None if photographs is None else f"{crops}, so that their bias cannot be told"
    return (
        f"{record.n} images against {reference} with {features:,} features leave the covariances "
        "singular or close to it, and much of the distance is the bias of few images"
    )


def basis(record: Record) -> str:
    """What a number was measured on."""
    return (
        f"n = {record.n}, {record.data} ({record.split}), "
        f"protocol {record.protocol} ({record.protocol_hash})"
    )


def _machines(records: Sequence[Record], run: RunData) -> list[str]:
    ids = dict.fromkeys(record.environment for record in records if is_timing(record.metric))
    names = [
        f"{run.environments.get(name, {}).get('device_name', 'unknown device')} ({name})"
        for name in ids
    ]
    return [f"Times and memory on {'; '.join(names)}."] if names else []
