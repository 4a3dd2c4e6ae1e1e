"""Experiments that come with rqbench, as YAML files beside this one."""

from importlib.resources import files

TINY = files(__name__) / "tiny.yaml"
QUICK = files(__name__) / "quick.yaml"
THREE_GRAINS = files(__name__) / "three_grains.yaml"
SOFT_TARGETS = files(__name__) / "soft_targets.yaml"
STANDARD = files(__name__) / "standard.yaml"
STANDARD_LABELLED = files(__name__) / "standard_labelled.yaml"
ADVERSARIAL = files(__name__) / "adversarial.yaml"
