"""Which modes there are for whom; mirrors rqbench/drawing.py. That all of them draw the same codes
is tested beside the loops, in tests/priors/decoding."""

import pytest
import torch

from rqbench import drawing
from rqbench.errors import UnsupportedError
from rqbench.layout import CodeLayout
from rqbench.prior import Prior
from rqbench_priors.coarse_to_fine import CoarseToFine
from rqbench_priors.raster import Raster

FIXED, DYNAMIC = CodeLayout(4, 4, 1, 8), CodeLayout(4, 4, 1, 8, (2, 1))


class Plain(Raster):
    """A prior that has `generate` and nothing faster."""

    has_lockstep = has_faster_steps = has_compiled_steps = False


@pytest.mark.parametrize(
    ("prior", "mode", "way"),
    [
        (Raster.tiny(FIXED), "auto", "lockstep"),
        (Raster.tiny(FIXED), "compile", "lockstep"),
        (Raster.tiny(FIXED), "reference", "plain"),
        (CoarseToFine.tiny(DYNAMIC), "eager", "faster steps"),
    ],
)
def test_each_mode_has_its_loop(prior, mode, way):
    assert drawing.way_to_draw(prior.eval(), mode) == way


@pytest.mark.parametrize(
    ("build", "mode", "why"),
    [
        (lambda: Plain.tiny(FIXED), "eager", "Plain has no eager mode for codes of the layout"),
        (lambda: Plain.tiny(FIXED), "compile", "Plain has no steps to compile"),
        (lambda: Raster.tiny(FIXED), "graph", "as a graph on the device cpu, only on CUDA"),
    ],
)
def test_a_mode_that_is_not_there_is_refused_with_the_reason(build, mode, why):
    with pytest.raises(UnsupportedError, match=why):
        build().eval().sample(1, 0, mode=mode)


def on_cuda(monkeypatch) -> None:
    monkeypatch.setattr(drawing, "_device", lambda prior: torch.device("cuda"))


def test_no_graph_holds_codes_of_changing_number(monkeypatch):
    on_cuda(monkeypatch)
    with pytest.raises(UnsupportedError, match="in an order that no graph can hold"):
        CoarseToFine.tiny(DYNAMIC).check_mode("graph")
    Raster.tiny(FIXED).check_mode("graph")


def test_compiling_without_a_compiler_says_what_to_install(monkeypatch):
    monkeypatch.setattr(drawing.shutil, "which", lambda name: None)
    with pytest.raises(UnsupportedError, match="install g\\+\\+, or name one in CXX"):
        Raster.tiny(FIXED).check_mode("compile")
    on_cuda(monkeypatch)
    monkeypatch.setattr(drawing, "find_spec", lambda name: None)
    with pytest.raises(UnsupportedError, match="pip install triton"):
        Raster.tiny(FIXED).check_mode("compile")


@pytest.mark.parametrize(
    ("build", "mode", "captured"),
    [
        (lambda: Raster.tiny(FIXED), "graph", True),
        (lambda: Raster.tiny(FIXED), "compile", True),
        (lambda: CoarseToFine.tiny(DYNAMIC), "compile", False),
        (lambda: Raster.tiny(FIXED), "eager", False),
    ],
)
def test_on_cuda_graphs_hold_what_draws_in_lockstep(build, mode, captured, monkeypatch):
    on_cuda(monkeypatch)
    assert drawing.is_captured(build(), mode) is captured


def test_sampling_by_graph_goes_through_one(monkeypatch):
    monkeypatch.setattr(drawing, "is_captured", lambda prior, mode: True)
    asked = []

    def by_graph(prior: Prior, rows, sampling, drawn, condition, mode):
        asked.append((rows, drawn.shape, mode))
        return prior.generate_lockstep(drawing.Lockstep(sampling, drawn), rows, condition)

    monkeypatch.setattr(drawing, "drawn_by_graph", by_graph)
    prior = Raster.tiny(FIXED).eval()
    assert len(prior.sample(3, 0, mode="eager")) == 3
    assert asked == [(3, (16, 3), "eager")]
