"""Mirrors rqbench_priors/symbol_prior.py."""

import pytest
import torch

from rqbench.api import CodeLayout, Codes, spread
from rqbench_priors.coarse_to_fine import CoarseToFine
from rqbench_priors.dq_transformer import DQTransformer
from rqbench_priors.raster import Raster

LAYOUT = CodeLayout(2, 4, 1, 5, (2, 1))


@pytest.mark.parametrize("kind", [Raster, CoarseToFine, DQTransformer])
def test_an_image_is_as_likely_as_its_symbols_together(kind):
    prior, grain_map = kind.tiny(LAYOUT).eval(), torch.tensor([[[0, 1]], [[1, 1]], [[0, 0]]])
    values = spread(torch.randint(5, (3, 2, 4, 1)), grain_map, LAYOUT)
    codes = Codes(values, LAYOUT, grain_map)
    with torch.no_grad():
        terms, whole = prior.symbol_log_probs(codes), prior.log_prob(codes)
    assert whole.tolist() == pytest.approx([sum(row) for row in terms.tolist()])
    for row, symbols in zip(terms, prior.symbols(codes), strict=True):
        assert bool((row[symbols < 0] == 0).all())  # past an image's end
