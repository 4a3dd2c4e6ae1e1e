"""Mirrors rqbench_reports/latex.py."""

import shutil
import subprocess
from dataclasses import replace

import pytest

from rqbench_reports.latex import escape, to_latex
from rqbench_reports.table import Cell, Heading, Table

HARD = r"50% of R&D_x #1 ^~{}\ $5 <a> [b] ± ≥ ∞ – ↑ ⁼"  # noqa: RUF001 - what is escaped
TABLE = Table(
    "hard",
    HARD,
    [Heading("System"), Heading("PSNR", "dB", "↑"), Heading("why", share=0.3)],
    [[Cell(HARD), Cell("24.1", "±0.6", bold=True, mark="†"), Cell("[text]")]],
    [HARD],
)

EQUAL = Cell("24.1", mark="⁼")


def test_every_sign_that_latex_reads_is_escaped():
    assert escape("50% R&D_x #1") == r"50\% R\&D\_x \#1"
    assert escape("a\\b~^") == r"a\textbackslash{}b\textasciitilde{}\textasciicircum{}"
    assert escape("{$}") == r"\{\$\}"
    assert escape("±≥↓–") == r"$\pm$$\geq$$\downarrow$--"  # noqa: RUF001 - the same


def test_rows_have_as_many_cells_as_the_head():
    lines = [line for line in to_latex(TABLE).splitlines() if line.endswith(r" \tabularnewline")]
    assert len(lines) == 3  # titles, units, one row
    assert all(line.replace(r"\&", "").count("&") == 2 for line in lines)


def test_bold_interval_and_mark_are_told_apart():
    assert r"\textbf{24.1}\textsuperscript{\dag{}} {\scriptsize $\pm$0.6}" in to_latex(TABLE)
    assert r"24.1\textsuperscript{$=$}" in to_latex(replace(TABLE, rows=[[*3 * [EQUAL]]]))


def test_rules_are_those_of_booktabs_and_environments_close():
    text = to_latex(TABLE)
    for rule in (r"\toprule", r"\midrule", r"\bottomrule"):
        assert text.count(rule) == 1
    for name in ("table*", "tabular", "minipage"):
        assert text.count(rf"\begin{{{name}}}") == text.count(rf"\end{{{name}}}") == 1


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_the_tables_compile_with_nothing_but_booktabs(drawn, tmp_path):
    (tmp_path / "hard.tex").write_text(to_latex(TABLE), encoding="utf-8")
    tables = [tmp_path / "hard.tex", *sorted((drawn / "tables").glob("*.tex"))]
    inputs = "\n".join(rf"\input{{{path}}}" for path in tables)
    (tmp_path / "paper.tex").write_text(
        "\\documentclass{article}\n\\usepackage{booktabs}\n\\begin{document}\n"
        f"{inputs}\n\\end{{document}}\n"
    )
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]
