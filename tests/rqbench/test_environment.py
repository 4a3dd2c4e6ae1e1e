"""Mirrors rqbench/environment.py."""

import json
import platform

import pytest
import torch

from rqbench import environment
from rqbench.environment import describe_environment, environment_id, find_device
from rqbench.errors import ConfigError


def test_auto_is_the_gpu_where_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert find_device("auto") == "cuda"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert find_device("auto") == find_device("cpu") == "cpu"


@pytest.mark.parametrize("name", ["gpu", "cudax", "", "cpu:0"])
def test_a_device_that_is_no_device_is_refused_with_the_legal_ones(name):
    with pytest.raises(ConfigError, match="is none of auto, cpu, cuda, cuda:0"):
        find_device(name)


def test_a_device_that_is_not_there_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert find_device("cuda:1") == "cuda:1"
    for name in ("cuda:2", "cuda:first"):
        with pytest.raises(ConfigError, match="sees 2 CUDA devices"):
            find_device(name)


def test_the_environment_is_the_same_each_time_and_does_not_name_the_machine():
    facts = describe_environment("cpu")
    assert environment_id(facts) == environment_id(describe_environment("cpu"))
    assert facts["packages"]["torch"] == torch.__version__
    assert platform.node() not in json.dumps(facts)
    assert environment_id(facts) != environment_id(facts | {"threads": 99})


def test_a_package_that_is_not_there_is_told_so(monkeypatch):
    monkeypatch.setattr(environment, "PACKAGES", ("no-such-package",))
    assert describe_environment("cpu")["packages"] == {"no-such-package": "not installed"}
