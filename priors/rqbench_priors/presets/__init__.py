"""Experiments that come with rqbench, as YAML files beside this one."""

from importlib.resources import files

TINY = files(__name__) / "tiny.yaml"
QUICK = files(__name__) / "quick.yaml"
