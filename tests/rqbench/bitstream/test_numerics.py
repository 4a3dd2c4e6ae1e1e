"""Mirrors rqbench/bitstream/numerics.py."""

import pytest
import torch

from rqbench.bitstream.numerics import Numerics, check_precision, numerics_of, pinned
from rqbench.errors import UnsupportedError
from rqbench.layout import CodeLayout
from rqbench.plugins import find

CPU = torch.device("cpu")


@pytest.fixture
def prior():
    return find("prior", "raster").load().tiny(CodeLayout(2, 2, 1, 4)).eval()


def test_a_machine_says_what_it_computes_with():
    here = numerics_of(CPU, block=4)
    version = torch.__version__.partition("+")[0]
    assert str(here) == f"torch {version} on cpu ({torch.backends.cpu.get_cpu_capability()})"
    assert here.device_name == "cpu"
    assert len(here.fingerprint) == 4


def test_instructions_that_have_no_number_are_told_as_unknown(monkeypatch):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "RVV")
    assert "unknown instructions" in str(numerics_of(CPU, block=4))


def test_another_build_instruction_set_or_block_has_another_fingerprint(monkeypatch):
    prints = {numerics_of(CPU, block).fingerprint for block in (1, 2)}
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "VSX")
    prints.add(numerics_of(CPU, 1).fingerprint)
    monkeypatch.setattr(torch, "__version__", "2.6.0+other")
    prints.add(numerics_of(CPU, 1).fingerprint)
    assert len(prints) == 4


def test_a_switch_that_changes_last_bits_has_another_fingerprint():
    before = numerics_of(CPU, 2)
    torch.backends.cuda.enable_flash_sdp(False)  # CPUs heed it, too
    try:
        other = numerics_of(CPU, 2)
    finally:
        torch.backends.cuda.enable_flash_sdp(True)
    assert str(other) == str(before)
    assert other.fingerprint != before.fingerprint
    assert numerics_of(CPU, 2) == before


def test_threads_have_no_part_in_the_fingerprint():
    one = numerics_of(CPU, 2)
    torch.set_num_threads(2)
    try:
        assert numerics_of(CPU, 2) == one
    finally:
        torch.set_num_threads(1)


def test_a_gpu_says_its_compute_capability():
    assert (
        str(Numerics((2, 6, 0), 1, 90, b"0000")) == "torch 2.6.0 on cuda (compute capability 9.0)"
    )


def test_a_device_without_a_number_is_refused():
    with pytest.raises(UnsupportedError, match="cpu or cuda, not on meta"):
        numerics_of(torch.device("meta"), block=1)


def test_settings_hold_inside_and_come_back():
    def settings():
        return (
            torch.get_num_threads(),
            torch.get_deterministic_debug_mode(),
            torch.get_float32_matmul_precision(),
            torch.is_grad_enabled(),
        )

    torch.set_num_threads(2)
    torch.set_float32_matmul_precision("high")
    try:
        before = settings()
        with pytest.raises(KeyError), pinned(CPU):
            assert settings() == (1, 2, "highest", False)
            raise KeyError
        assert settings() == before == (2, 0, "high", True)
    finally:
        torch.set_num_threads(1)
        torch.set_float32_matmul_precision("highest")


def test_a_prior_in_another_precision_is_refused(prior):
    assert check_precision(prior) == CPU
    with pytest.raises(UnsupportedError, match="single precision"):
        check_precision(prior.double())
