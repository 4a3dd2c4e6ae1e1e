"""Benches that come with rqbench for `rqbench speed --preset`, as YAML files beside this one."""

from importlib.resources import files

TINY = files(__name__) / "tiny.yaml"
PAPER_RQ_FIGURE4 = files(__name__) / "paper_rq_figure4.yaml"
