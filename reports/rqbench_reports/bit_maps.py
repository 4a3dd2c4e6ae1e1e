"""Where the bits go: what each place of a picture costs, beside how much of it was lost."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import fill

import numpy as np
from einops import reduce
from jaxtyping import UInt8
from numpy import ndarray

from rqbench.api import Drawn, Record, Report, RunData

from .figure import paper_style, save
from .frame import half_width, in_order, main_records, parts_of
from .map_figure import MAPS, Map, draw_maps, scale
from .plan import Plan, build
from .publish import publish

NAME = "where-the-bits-go"
DETAIL, ERROR = "bits_entropy_rank_correlation", "bits_error_rank_correlation"
ROWS = 4
"""Pictures of a figure."""

Sheet = tuple[UInt8[ndarray, "_ H W 3"], list[Map]]
"""Originals, and the maps beside them."""

TABLE = Plan(
    "bits-and-detail",
    "Where the bits go: do places of more detail get more of them?",
    "System",
    (DETAIL, ERROR),
    note="Spearman's rank correlation over the patches of an image, mean over held-out images: of "
    "a patch's bits with its detail (entropy of its gray levels) and with its squared error. "
    "Patches are whole regions of every tokenizer here. Bits of a system are its prior's; of a "
    "tokenizer alone the nominal ones, map included, which differ only where codes are dynamic. "
    "An image whose patches are all alike in either has no correlation, and n leaves it out.",
)
NOTE = (
    "Over the greyed picture: what each cell costs, under the prior or nominal, the map included, "
    "and what was lost there, over cells of the tokenizer's own size. White lines: borders of "
    "grains. Below the names: mean rank correlation of bits with detail and with error over all "
    "held-out images (table bits-and-detail)."
)


class WhereTheBitsGo(Report):
    """A table of correlations, and figures of as many systems as a page is wide."""

    order = 55

    def draw(self, run: RunData, folder: Path) -> Drawn:
        table = build(TABLE, _measured(run), run)
        files = [*publish([table], folder, {}).files] if table else []
        sheets = _sheets(run)
        if not sheets:
            return Drawn(files)
        every = [each for _, maps in sheets for each in maps]
        scales = {is_rate: scale(every, is_rate) for is_rate in (True, False)}
        for number, (originals, maps) in enumerate(sheets, start=1):
            with paper_style():
                figure = draw_maps(originals, maps, scales, NOTE)
                name = NAME if number == 1 else f"{NAME}-{number}"
                files += save(figure, folder / "figures", name)
        return Drawn(files)


def _measured(run: RunData) -> list[str]:
    """Whatever has a correlation."""
    return in_order((r.system for r in run.records if r.metric in TABLE.metrics), run)


def _sheets(run: RunData) -> list[Sheet]:
    """As many tokenizers on each as a page has room for, if they show the same originals."""
    sheets: list[Sheet] = []
    for tokenizer in in_order((name for name in run.pictures if _is_whole(run, name)), run):
        originals, maps = run.pictures[tokenizer]["originals"], _maps(run, tokenizer)
        if not maps:
            continue
        if (
            sheets
            and len(sheets[-1][1]) + len(maps) <= MAPS
            and np.array_equal(sheets[-1][0], originals)
        ):
            sheets[-1][1].extend(maps)
        else:
            sheets.append((originals, maps))
    return [_some(*sheet) for sheet in sheets]


def _some(originals: UInt8[ndarray, "n H W 3"], maps: list[Map]) -> Sheet:
    """A few of the pictures, evenly spaced."""
    count = len(originals)
    kept = np.linspace(0, count - 1, min(ROWS, count)).round().astype(int)
    return originals[kept], [each.of(kept) for each in maps]


def _is_whole(run: RunData, name: str) -> bool:
    return {"originals", "reconstructions"} <= run.pictures[name].keys()


def _maps(run: RunData, tokenizer: str) -> list[Map]:
    """The bits of its systems, or else its own nominal ones, and its error."""
    pictures, parts = run.pictures[tokenizer], parts_of(run)
    mapped = [name for name in in_order(run.pictures, run) if "bits" in run.pictures[name]]
    systems = [name for name in mapped if parts.get(name, ("",))[0] == tokenizer != name]
    found = systems or [name for name in mapped if name == tokenizer]
    if not found:
        return []
    height, width = pictures["originals"].shape[1:3]
    records, grain_map = main_records(run.records), pictures.get("grain_map")
    maps = []
    for name in found:
        bits = run.pictures[name]["bits"]
        pixels = height * width / (bits.shape[1] * bits.shape[2])
        maps.append(Map(_title(name, records), True, bits / pixels, grain_map))
    errors = pictures["originals"].astype(float) - pictures["reconstructions"]
    rows, columns = bits.shape[1:]
    squares = reduce(errors**2, "n (h i) (w j) k -> n h w", "mean", h=rows, w=columns)
    return [*maps, Map(f"{_wrapped(tokenizer)}\nerror", False, np.sqrt(squares))]


def _title(name: str, records: Mapping[tuple[str, str], Record]) -> str:
    """The system and its correlations, with the longer side of their intervals."""
    tokenizer, _, prior = name.partition(" + ")
    lines = [_wrapped(tokenizer), _wrapped(f"+ {prior}") if prior else "nominal"]
    for word, metric in (("detail", DETAIL), ("error", ERROR)):
        record = records.get((name, metric))
        if record:
            value, half = f"{record.value:.2f}".replace("-", "\N{MINUS SIGN}"), half_width(record)
            lines.append(f"{word} {value}" + (f" ±{half:.2f}" if half else ""))
    return "\n".join(lines)


def _wrapped(name: str) -> str:
    return fill(name, 19)
