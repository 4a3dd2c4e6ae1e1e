"""Mirrors rqbench_priors/questions/priors.py."""

import pytest

from rqbench.api import CodeLayout, ConfigError
from rqbench.models import build_prior
from rqbench_priors.questions.priors import as_large_as_raster, raster
from rqbench_priors.questions.tokenizers import dq, rq

ON = {
    "depth-stacked": (rq, CodeLayout(4, 4, 4, 16)),
    "coarse-to-fine": (dq, CodeLayout(8, 8, 1, 16, (2, 1))),
}


@pytest.mark.parametrize("name", ON)
def test_a_sized_prior_has_the_rasters_parameters_when_really_built(scale, name):
    make, layout = ON[name]
    config = getattr(scale(), name.replace("-", "_"))
    sized = as_large_as_raster(name, config, scale(), make(scale(), 32)[1], 32)
    counts = [
        sum(weight.numel() for weight in prior.parameters())
        for prior in (
            build_prior(spec["type"], spec["config"], layout, None, None, "p")
            for spec in (sized, raster(scale()))
        )
    ]
    assert counts[0] == pytest.approx(counts[1], rel=0.02)


@pytest.mark.parametrize("said", [{}, {"inputs": "codebook"}])
def test_codes_enter_all_priors_alike(scale, said):
    sized = scale(transformer={"width": 32, "heads": 2, **said})
    made = [
        as_large_as_raster("depth-stacked", sized.depth_stacked, sized, rq(sized, 32)[1], 32),
        as_large_as_raster("coarse-to-fine", sized.coarse_to_fine, sized, dq(sized, 32)[1], 32),
        raster(sized),
    ]
    assert [spec["config"]["inputs"] for spec in made] == 3 * [said.get("inputs", "learned")]


def test_layers_that_no_hidden_width_makes_equal_are_refused(scale):
    deep = scale(depth_stacked={"body_layers": 9, "depth_layers": 9})
    with pytest.raises(
        ConfigError, match=r"parameters of raster and depth-stacked would be .*layers"
    ):
        as_large_as_raster("depth-stacked", deep.depth_stacked, deep, rq(deep, 32)[1], 32)
