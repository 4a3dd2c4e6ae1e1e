"""examples/rqbench-fsq: installed beside rqbench, a stranger's tokenizer is one like ours."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "rqbench-fsq"
INSTALL = "-m pip --disable-pip-version-check install --quiet --no-index --no-deps"
CHECKED = "--jaxtyping-packages=rqbench,rqbench_tokenizers,rqbench_fsq,beartype.beartype"


def run_python(site: Path, *arguments: str) -> str:
    """Standard output of a Python that also finds what lies in `site`."""
    environment = {**os.environ, "PYTHONPATH": str(site), "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.slow
def test_installed_apart_it_is_listed_keeps_the_contract_and_is_compared(tmp_path: Path) -> None:
    run_python(
        tmp_path, *INSTALL.split(), "--no-build-isolation", "--target", str(tmp_path), str(EXAMPLE)
    )
    said = run_python(
        tmp_path, "-m", "pytest", "-v", "-p", "no:cacheprovider", CHECKED, "-k", "fsq",
        "tests/tokenizers/test_conformance.py", str(EXAMPLE / "tests"),
    )  # fmt: skip
    for module in ("test_conformance", "test_fsq", "test_in_rqbench"):
        assert re.search(rf"{module}\.py::.* PASSED", said)
    assert "SKIPPED" not in said
