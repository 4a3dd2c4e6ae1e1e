"""Mirrors rqbench/__init__.py."""

import subprocess
import sys

import pytest

import rqbench


def test_what_python_users_need_is_there():
    assert rqbench.__all__ == ["export_model", "import_model", "load_model", "load_system"]
    for name in rqbench.__all__:
        assert getattr(rqbench, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'rqbench' has no attribute 'load_modle'"):
        _ = rqbench.load_modle


def test_importing_the_package_imports_nothing_heavy():
    code = "import rqbench, sys; assert not {'torch', 'numpy'} & sys.modules.keys()"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
