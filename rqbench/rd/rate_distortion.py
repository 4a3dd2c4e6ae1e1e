"""`rqbench rd`, for Python users too: curves of records, and how far they lie apart."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import ConfigError
from ..files import check_above, write_json
from ..metric_names import DISTORTIONS, is_distortion, is_of_samples
from ..plugins import load_all
from ..record import plain
from ..report import RunData
from .bd import LEAST_POINTS, Method
from .budgets import Axis, with_budget
from .compare_curves import Comparison, compare_curves
from .curves import Curve, curve_called, find_curves, joined, records_of
from .left_out import without_rate
from .match import Matched, match_curves
from .same_images import on_same_images
from .swept import with_swept

RATES = {
    "nominal": "rate_nominal_bpp", "empirical": "rate_empirical_bpp", "prior": "rate_prior_bpp",
    "coded": "rate_coded_bpp",
}  # fmt: skip
FILE = "rd.json"


@dataclass(frozen=True)
class RateDistortion:
    """Curves over one rate and one distortion, and each against one of them.

    Attributes:
        rate, distortion: metrics; another budget than bits stands in the rate's place.
        against: the name of the reference.
        comparisons: none over another budget than bits.
        notes: what is not there, and why; one sentence each.
    """

    rate: str
    distortion: str
    against: str
    method: Method
    curves: Sequence[Curve]
    comparisons: Sequence[Comparison]
    matched: Matched | None = None
    notes: Sequence[str] = ()


def rate_distortion(
    run: RunData,
    rate: str = "nominal",
    distortion: str = "psnr_db",
    against: str | None = None,
    method: Method = "akima",
    join: Sequence[tuple[str, Sequence[str]]] = (),
    match: Axis | None = None,
    budget: float | None = None,
) -> RateDistortion:
    """The curves of a run, of an evaluation or of several merged ones.

    What a sweep made of one name is a curve too.

    Args:
        rate: "nominal", "empirical", "prior" or "coded".
        distortion: a metric of reconstructions, such as "psnr_db" or "rfd_effnetlite0"; with
            `match` one of samples too.
        against: the curve that others are compared with; by default the first that is
            long enough for the method.
        join: names of new curves, and the curves whose points each is made of.
        match: what to hold equal; see `match_curves`.
        budget: at which value.

    Raises:
        ConfigError: a metric or a curve that is not there.
    """
    if not is_distortion(distortion):
        raise ConfigError(
            f"{distortion} says nothing of how pictures are distorted. Name one of "
            f"{', '.join(DISTORTIONS)}, or a score of a whole set, such as rfd_effnetlite0."
        )
    if is_of_samples(distortion) and match is None:
        raise ConfigError(
            f"{distortion} judges samples. Name a distortion of reconstructions, or compare "
            "samples at an equal budget with --match."
        )
    if budget is not None and not 0 < budget < float("inf"):
        raise ConfigError(f"A budget of {budget:g} cannot be matched; name a number above 0.")
    records, metric = list(run.records), RATES[rate]
    if match is not None and match != "bits":
        records, metric = with_budget(records, match, distortion)
    curves = find_curves(records, metric, distortion)
    if not curves:
        metrics = sorted({record.metric for record in run.records})
        raise ConfigError(
            f"Nothing has both {metric} and {distortion}. Measured were: {', '.join(metrics)}. "
            "`rqbench compare` or `rqbench evaluate`, run again into the same folder, adds what "
            "this version measures beyond that."
        )
    curves = on_same_images(curves)
    notes = without_rate(records, metric, distortion)
    for name, members in join:
        curves = joined(curves, name, members)
    curves = with_swept(curves, run.sweep)
    long = (curve for curve in curves if len(curve.distinct()) >= LEAST_POINTS[method])
    reference = next(long, curves[0]) if against is None else curve_called(curves, against)
    others = [curve for curve in curves if curve is not reference]
    references = [reference, *(curves if against is None else ())]
    is_rate = match in (None, "bits") and not is_of_samples(distortion)
    return RateDistortion(
        metric, distortion, reference.name, method, curves,
        [compare_curves(reference, curve, method) for curve in others] if is_rate else [],
        match_curves(curves, references, match, budget, method) if match else None,
        notes,
    )  # fmt: skip


def as_data(found: RateDistortion) -> dict[str, Any]:
    """Everything as plain values, for JSON; the metrics `rate` and `distortion` name units."""
    curves = [
        {
            "name": curve.name,
            "is_codec": curve.is_codec,
            "points": [
                {
                    "settings": dict(point.settings),
                    "rate": point.rate.value, "rate_ci95": point.rate.ci95,
                    "rate_n": point.rate.n,
                    "container_bytes": point.container.value if point.container else None,
                    "distortion": point.distortion.value,
                    "distortion_ci95": point.distortion.ci95, "n": point.distortion.n,
                    "protocol": point.distortion.protocol,
                    "protocol_hash": point.distortion.protocol_hash,
                }
                for point in curve.points
            ],
        }
        for curve in found.curves
    ]  # fmt: skip
    comparisons = [asdict(each) for each in found.comparisons]
    facts = {
        "rate": found.rate, "distortion": found.distortion, "against": found.against,
        "method": found.method, "curves": curves, "bd": comparisons,
        "matched": asdict(found.matched) if found.matched else None, "notes": list(found.notes),
    }  # fmt: skip
    whole: dict[str, Any] = json.loads(json.dumps(plain(facts)))
    return whole


def write(found: RateDistortion, run: RunData, out: Path) -> list[Path]:
    """The numbers as rd.json and, over rates, what the installed reports that draw curves make of
    them."""
    names = [curve.name for curve in found.curves]
    shown = replace(run, records=records_of(found.curves), systems=names, headlines=(), sweep=())
    write_json(out / FILE, as_data(found))
    if found.rate not in RATES.values():
        return [out / FILE]
    reports, _ = load_all("report")
    drawn = [each().draw(shown, out) for each in reports.values() if each.draws_curves]
    return [out / FILE, *(path for one in drawn for path in one.files)]


def check_out(out: Path) -> None:
    """Refuse a place where something else is.

    Raises:
        ConfigError: names it.
    """
    check_above(out)
    if out.is_file() or (out.is_dir() and any(out.iterdir()) and not (out / FILE).is_file()):
        raise ConfigError(
            f"{out} is not empty and holds no curves of `rqbench rd`. Choose another --out, so "
            "that nothing in it is overwritten."
        )
