"""Mirrors rqbench/metrics/extractors/catalogue.py."""

import pytest
import torch

from rqbench.errors import ConfigError
from rqbench.metrics.extractor import load_extractor
from rqbench.metrics.extractors.catalogue import EXTRACTORS, check_clauses
from rqbench.metrics.libraries import library


def test_all_of_torch_fidelitys_extractors_are_known():
    assert set(library("torch_fidelity.registry").FEATURE_EXTRACTORS_REGISTRY) <= set(EXTRACTORS)


@pytest.mark.parametrize("name", EXTRACTORS)
def test_each_is_listed_under_the_name_in_its_own_clauses_and_these_go_together(name):
    assert EXTRACTORS[name].natural.extractor == name
    check_clauses(EXTRACTORS[name].natural)


def test_a_network_that_resizes_itself_takes_no_other_resizer():
    natural = EXTRACTORS["vgg16"].natural
    with pytest.raises(ConfigError, match="always come to their size inside"):
        check_clauses(natural.model_copy(update={"resize": "pil-bicubic"}))
    with pytest.raises(ConfigError, match="8 bits only"):
        check_clauses(natural.model_copy(update={"pixels": "float"}))


def test_what_is_known_of_inceptions_is_so(random_inception):
    for name in ("inception-v3-compat", "inception-v3-spatial"):
        found = load_extractor(EXTRACTORS[name].natural, weights=random_inception)
        features, logits = found.extract(torch.zeros(1, 3, 16, 16, dtype=torch.uint8))
        assert features.shape[1] == EXTRACTORS[name].dim
        assert logits.shape[1] == EXTRACTORS[name].num_classes
