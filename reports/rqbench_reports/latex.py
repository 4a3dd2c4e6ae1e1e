"""A table for a paper: LaTeX that needs only the package booktabs."""

from .table import Cell, Heading, Table

ESCAPES = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "[": "{[}",  # at the start of a row, \\ would read it as its own argument
    "]": "{]}",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "±": r"$\pm$",
    "≥": r"$\geq$",
    "∞": r"$\infty$",
    "–": "--",  # noqa: RUF001 - the en dash itself
    "†": r"\dag{}",
    "‡": r"\ddag{}",
    "§": r"\S{}",
    "¶": r"\P{}",
    "⁼": "$=$",
}


def escape(text: str) -> str:
    """Text whose every sign prints as itself; the few that we use beyond ASCII as commands."""
    return "".join(ESCAPES.get(sign, sign) for sign in text.replace("\n", " "))


def to_latex(table: Table) -> str:
    r"""A `table*` to `\input`; `\usepackage{booktabs}` is all it asks for."""
    columns = "".join(
        _column(heading, place < table.num_names) for place, heading in enumerate(table.headings)
    )
    lines = [
        "% needs \\usepackage{booktabs}",
        r"\begin{table*}[t]",
        r"\centering",
        rf"\caption{{{escape(table.title)}.}}",
        rf"\label{{tab:{table.name}}}",
        r"\small",
        r"\setlength{\tabcolsep}{3.5pt}",
        rf"\begin{{tabular}}{{@{{}}{columns}@{{}}}}",
        r"\toprule",
        _line([_title(heading) for heading in table.headings]),
        *_units(table),
        r"\midrule",
        *_rows(table),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    if table.foot:
        lines += ["", r"\smallskip", r"\begin{minipage}{\linewidth}\footnotesize\raggedright"]
        lines += [escape(line) + r"\par" for line in table.foot]
        lines += [r"\end{minipage}"]
    return "\n".join([*lines, r"\end{table*}", ""])


def _column(heading: Heading, is_name: bool) -> str:
    if heading.share is not None:
        return rf"p{{{heading.share:.2f}\linewidth}}"
    return "l" if is_name else "r"


def _title(heading: Heading) -> str:
    return escape(" ".join(filter(None, (heading.title, heading.arrow))))


def _units(table: Table) -> list[str]:
    if not any(heading.unit for heading in table.headings):
        return []
    return [_line([escape(heading.unit) for heading in table.headings])]


def _rows(table: Table) -> list[str]:
    """One line a row; running text is ragged, and stands apart from the next row."""
    texts = [heading.share is not None for heading in table.headings]
    lines = [
        _line(
            [
                rf"\raggedright {_cell(cell)}" if is_text else _cell(cell)
                for cell, is_text in zip(row, texts, strict=True)
            ]
        )
        for row in table.rows
    ]
    if any(texts):
        lines[:-1] = [rf"{line} \addlinespace" for line in lines[:-1]]
    return lines


def _line(cells: list[str]) -> str:
    return " & ".join(cells) + r" \tabularnewline"  # not \\, which \raggedright redefines


def _cell(cell: Cell) -> str:
    text = escape(cell.text)
    main = rf"\textbf{{{text}}}" if cell.bold else text
    if cell.mark:
        main += rf"\textsuperscript{{{escape(cell.mark)}}}"
    return rf"{main} {{\scriptsize {escape(cell.aside)}}}" if cell.aside else main
