"""The plan of the house: rooms apart, arrows one way, no method known to the harness."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rqbench.plugins import installed

ROOT = Path(__file__).parents[1]
PACKAGES = (
    "rqbench", "tokenizers/rqbench_tokenizers", "priors/rqbench_priors", "reports/rqbench_reports",
)  # fmt: skip
SOURCES = sorted((ROOT / "rqbench").rglob("*.py"))
DIALECTS = ROOT / "rqbench/fidelity/dialects.py"
"""Its names are those of projects whose way of scoring it speaks; it knows nothing of models."""


@pytest.mark.parametrize("room", ["tokenizers", "priors", "reports"])
def test_a_source_root_is_no_package_itself(room):
    assert not (ROOT / room / "__init__.py").exists()


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_tells_type_checkers_that_it_is_typed(package):
    assert (ROOT / package / "py.typed").is_file()


def test_imports_go_one_way():
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    ended = subprocess.run(
        [sys.executable, "-c", code, "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr


def literals(source: Path) -> Iterator[tuple[int, str]]:
    """Line and text of each string that is not a docstring."""
    tree = ast.parse(source.read_text())
    prose = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.lineno, node.value


def test_the_harness_knows_no_method_by_name():
    names = [*installed("tokenizer"), *installed("prior")]
    rooms = [package.partition("/")[2] for package in PACKAGES[1:]]
    known = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, [*names, *rooms]))})(?![\w-])")
    found = [
        f"{source.relative_to(ROOT)}:{line}: {text!r}"
        for source in SOURCES
        if source != DIALECTS
        for line, text in literals(source)
        if known.search(text)
    ]
    assert not found


def test_no_room_is_imported_by_the_harness_even_late():
    rooms = re.compile(r"^\s*(from|import)\s+rqbench_(tokenizers|priors|reports)", re.MULTILINE)
    assert not [source.name for source in SOURCES if rooms.search(source.read_text())]
