"""What `rqbench presets` prints for people."""

import re
from collections.abc import Iterator
from typing import Any

import yaml
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..preset_listing import ExperimentRow, Listing, ModelRow

GIBI, MEBI, GIGA = 2.0**30, 2.0**20, 1e9

UNITS = (
    "Gop: 10^9 operations for one image; a multiply-add is two. Weights and cache in fp32; bf16 "
    "takes half. Bits of one image are nominal, the grain map included; ~ is at the share that "
    "each grain aims at, `most` where all is fine."
)
TOKENIZERS = "f: pixels a side of the finest codes. Levels: grids from the pixels to the coarsest."
PRIORS = (
    "Draw: one image's codes, with caches (~ as for bits); decode: by its tokenizer. Cache: keys "
    "and values of one image of the longest sequence."
)


def tables(listing: Listing) -> Iterator[Table | str]:
    """One for each kind that is there, and a foot."""
    if listing.experiments:
        yield _experiments(listing.experiments)
    tokenizers = [row for row in listing.models if row.preset.kind == "tokenizer"]
    priors = [row for row in listing.models if row.preset.kind == "prior"]
    if tokenizers:
        yield _tokenizers(tokenizers)
    if priors:
        yield _priors(priors)
    notes = [UNITS] if listing.models else []
    notes += [TOKENIZERS] if tokenizers else []
    notes += [PRIORS] if priors else []
    unverified = _unverified(listing).items()
    notes += ["Not verified (*):"] * bool(unverified)
    notes += [f"- {', '.join(names)}: {note}" for note, names in unverified]
    yield escape("\n".join([*notes, "`rqbench presets NAME` shows one whole."]))


def print_whole(row: ExperimentRow | ModelRow, console: Console) -> None:
    """Everything that is known of one preset."""
    if isinstance(row, ExperimentRow):
        console.print(row.text, markup=False, highlight=False, soft_wrap=True, end="")
        return
    facts = {key: value for key, value in row.as_json().items() if value not in (None, "", {})}
    used = {"type": facts.pop("type"), "config": facts.pop("config")}
    if sampling := facts.pop("sampling", None):
        used["sampling"] = sampling
    shown = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for key, value in facts.items():
        shown.add_row(key, escape(_told(value)), style="red" if key == "differs" and value else "")
    console.print(shown)
    parts = f"{row.preset.kind}s"
    for title, spec in (("In an experiment", {"preset": row.name}), ("which stands for", used)):
        text = yaml.safe_dump({parts: {row.name: spec}}, sort_keys=False, default_flow_style=None)
        console.print(f"\n# {title}\n{text}", markup=False, highlight=False, soft_wrap=True, end="")


def _told(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"


def _experiments(rows: list[ExperimentRow]) -> Table:
    table = _table("Experiments", "Experiment", "What it is for")
    for row in rows:
        first = re.split(r"(?<=[.?])\s(?=[A-Z])", row.about)[0].rstrip(",")
        table.add_row(escape(row.name), escape(first))
    return table


def _tokenizers(rows: list[ModelRow]) -> Table:
    table = _table("Tokenizers", "Tokenizer")
    _numbers(
        table, "Parameters", "Levels", "f", "Codes", "Bits", "most", "bpp", "Encode\nGop",
        "Decode\nGop", "Weights\nMiB",
    )  # fmt: skip
    for row in rows:
        size = row.sizes
        table.add_row(
            *_head(row),
            str(size.downsample),
            _codes(row),
            *_bits(row),
            f"{size.nominal_bpp:.4f}",
            _in_units(size.encode_operations, GIGA),
            _in_units(size.decode_operations, GIGA),
            _in_units(size.weights_fp32_bytes, MEBI),
        )
    return table


def _priors(rows: list[ModelRow]) -> Table:
    table = _table("Priors", "Prior")
    _numbers(
        table, "Parameters", "Layers", "Codes", "Bits", "Draw\nGop", "Decode\nGop", "Both\nGop",
        "Weights\nGiB", "Cache\nMiB",
    )  # fmt: skip
    for row in rows:
        size = row.sizes
        table.add_row(
            *_head(row),
            _codes(row),
            _bits(row)[0],
            _in_units(size.sampling_operations, GIGA),
            _in_units(size.decode_operations, GIGA),
            _in_units(row.total_operations, GIGA),
            _in_units(size.weights_fp32_bytes, GIBI, ".2f"),
            _in_units(size.cache_fp32_bytes, MEBI, ".1f"),
        )
    return table


def _unverified(listing: Listing) -> dict[str, list[str]]:
    """The presets by what of them was not found in released files."""
    found: dict[str, list[str]] = {}
    for row in listing.models:
        if row.preset.unverified:
            found.setdefault(row.preset.unverified, []).append(row.name)
    return found


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=0)
    for place, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=not place)  # names stay whole
    return table


def _numbers(table: Table, *columns: str) -> None:
    for column in columns:
        table.add_column(column, justify="right", no_wrap=column != "Codes")


def _head(row: ModelRow) -> tuple[str, str, str]:
    """Name, parameters and layers."""
    name, counted = escape(row.name) + "*" * bool(row.preset.unverified), row.sizes.parameters
    if not row.differs:
        return name, f"{counted:,}", row.sizes.layers
    return name, f"[red]{counted:,}\npublished:\n{row.preset.parameters:,}[/red]", row.sizes.layers


def _codes(row: ModelRow) -> str:
    return escape(row.sizes.code_shape.replace(", grains", "\ngrains"))


def _bits(row: ModelRow) -> tuple[str, str]:
    """At the aimed shares, and the most."""
    size = row.sizes
    if size.nominal_bits == size.nominal_bits_most:
        return f"{size.nominal_bits:,.0f}", ""
    return f"~{size.nominal_bits:,.0f}", f"{size.nominal_bits_most:,.0f}"


def _in_units(value: int | None, unit: float, digits: str = ".0f") -> str:
    return "-" if value is None else f"{value / unit:,{digits}}"
