"""What `rqbench presets` prints for people."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..preset_listing import FileRow, Listing, ModelRow

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

SPARE = (
    "Both\nGop", "Levels", "bpp", "Weights\nMiB", "Weights\nGiB", "Cache\nMiB", "Decode\nGop",
    "Encode\nGop", "Layers", "Draw\nGop", "most", "f", "Bits",
)  # fmt: skip
"""Columns that go first where there is no room."""


def tables(listing: Listing, console: Console) -> Iterator[Table | str]:
    """One for each kind that is there, as wide as the console shows whole, and a foot."""
    left_out: list[str] = []
    if listing.experiments:
        yield _files("Experiments", "Experiment", listing.experiments)
    if listing.benches:
        yield _files("For `rqbench speed --preset`", "Timing", listing.benches)
    tokenizers = [row for row in listing.models if row.preset.kind == "tokenizer"]
    priors = [row for row in listing.models if row.preset.kind == "prior"]
    for title, rows in (
        ("Tokenizers", [_tokenizer(row) for row in tokenizers]),
        ("Priors", [_prior(row) for row in priors]),
    ):
        if rows:
            table, dropped = _fitting(title, rows, console)
            left_out += [f"{title}: {', '.join(dropped)}"] * bool(dropped)
            yield table
    notes = [f"Too wide for here: {'. '.join(left_out)}. --json has all."] * bool(left_out)
    notes += [UNITS] if listing.models else []
    notes += [TOKENIZERS] if tokenizers else []
    notes += [PRIORS] if priors else []
    unverified = _unverified(listing).items()
    notes += ["Not verified (*):"] * bool(unverified)
    notes += [f"- {', '.join(names)}: {note}" for note, names in unverified]
    yield escape("\n".join([*notes, "`rqbench presets NAME` shows one whole."]))


def print_whole(row: FileRow | ModelRow, console: Console) -> None:
    """Everything that is known of one preset."""
    if isinstance(row, FileRow):
        console.print(row.text, markup=False, highlight=False, soft_wrap=True, end="")
        return
    facts = {key: value for key, value in row.as_json().items() if value not in (None, "", {})}
    used = {"type": facts.pop("type"), "config": facts.pop("config")}
    if sampling := facts.pop("sampling", None):
        used["sampling"] = sampling
    shown = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    shown.add_column(no_wrap=True)
    shown.add_column(overflow="fold")
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


def _files(title: str, what: str, rows: list[FileRow]) -> Table:
    table = _table(title, (what, "What it is for"), True)
    table.columns[1].justify, table.columns[1].no_wrap = "left", False
    for row in rows:
        first = re.split(r"(?<=[.?])\s(?=[A-Z])", row.about)[0].rstrip(",")
        table.add_row(escape(row.name), escape(first))
    return table


def _tokenizer(row: ModelRow) -> dict[str, str]:
    size, (bits, most) = row.sizes, _bits(row)
    return {
        "Tokenizer": _name(row),
        "Parameters": _parameters(row),
        "Levels": size.layers,
        "f": str(size.downsample),
        "Codes": _codes(row),
        "Bits": bits,
        "most": most,
        "bpp": f"{size.nominal_bpp:.4f}",
        "Encode\nGop": _in_units(size.encode_operations, GIGA),
        "Decode\nGop": _in_units(size.decode_operations, GIGA),
        "Weights\nMiB": _in_units(size.weights_fp32_bytes, MEBI),
    }


def _prior(row: ModelRow) -> dict[str, str]:
    size = row.sizes
    return {
        "Prior": _name(row),
        "Parameters": _parameters(row),
        "Layers": size.layers,
        "Codes": _codes(row),
        "Bits": _bits(row)[0],
        "Draw\nGop": _in_units(size.sampling_operations, GIGA),
        "Decode\nGop": _in_units(size.decode_operations, GIGA),
        "Both\nGop": _in_units(row.total_operations, GIGA),
        "Weights\nGiB": _in_units(size.weights_fp32_bytes, GIBI, ".2f"),
        "Cache\nMiB": _in_units(size.cache_fp32_bytes, MEBI, ".1f"),
    }


def _fitting(title: str, rows: list[dict[str, str]], console: Console) -> tuple[Table, list[str]]:
    """The columns that the console shows whole, and the headings of those that had to go."""
    left_out: list[str] = []
    for spare in (*SPARE, None):
        columns = [heading for heading in rows[0] if heading not in left_out]
        fits = _least_width(table := _filled(title, columns, rows, True), console) <= console.width
        if fits or spare is None:
            break
        left_out += [spare] * (spare in rows[0])
    told = [" ".join(heading.split()) for heading in left_out]
    return (table if fits else _filled(title, columns, rows, False)), told


def _least_width(table: Table, console: Console) -> int:
    """With words whole; however narrow the console is."""
    return console.measure(table, options=console.options.update(width=1000)).minimum


def _filled(title: str, columns: Sequence[str], rows: list[dict[str, str]], whole: bool) -> Table:
    table = _table(title, columns, whole)
    for row in rows:
        table.add_row(*(row[heading] for heading in columns))
    return table


def _unverified(listing: Listing) -> dict[str, list[str]]:
    """The presets by what of them was not found in released files."""
    found: dict[str, list[str]] = {}
    for row in listing.models:
        if row.preset.unverified:
            found.setdefault(row.preset.unverified, []).append(row.name)
    return found


def _table(title: str, columns: Sequence[str], whole: bool) -> Table:
    """Names at the left, numbers at the right; what is not kept whole is folded, never cut."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=0)
    for place, column in enumerate(columns):
        table.add_column(
            column, overflow="fold", justify="right" if place else "left",
            no_wrap=whole and column != "Codes",
        )  # fmt: skip
    return table


def _name(row: ModelRow) -> str:
    return escape(row.name) + "*" * bool(row.preset.unverified)


def _parameters(row: ModelRow) -> str:
    if not row.differs:
        return f"{row.sizes.parameters:,}"
    return f"[red]{row.sizes.parameters:,}\npublished:\n{row.preset.parameters:,}[/red]"


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
